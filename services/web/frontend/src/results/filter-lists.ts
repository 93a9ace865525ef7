// The lists of values that filters offer, with counts: impacts, consequences, classes of ClinVar, types.
import type { Counts } from "./api.ts";
import { fill, h } from "./dom.ts";
import { whole } from "./numbers.ts";
import { CLINICAL, IMPACTS, TERMS, TYPES, words } from "./vocabulary.ts";

type Numbers = Map<string, number>;

const CLINVAR_WORDS: Record<string, string> = {
  uncertain_significance: "vus",
  conflicting_interpretations_of_pathogenicity: "conflicting",
  conflicting_classifications_of_pathogenicity: "conflicting",
};

function numbersOf(counts: Counts, column: string, name = (value: string) => value): Numbers {
  const numbers: Numbers = new Map();
  for (const { value, count } of counts[column] ?? []) {
    const key = value === null ? "none" : name(value);
    numbers.set(key, (numbers.get(key) ?? 0) + count);
  }
  return numbers;
}

function check(name: string, value: string, label: string, count: number | undefined, mark?: HTMLElement): HTMLElement {
  const id = `filter-${name}-${value}`;
  return h(
    "div",
    { class: "form-check" },
    h("input", { class: "form-check-input", type: "checkbox", name, value, id }),
    h("label", { class: "form-check-label", for: id }, mark, h("span", { class: "text-truncate" }, label), h("span", { class: "n" }, count === undefined ? "" : whole(count))),
  );
}

const swatch = (kind: string, value: string): HTMLElement => h("span", { class: "swatch", [`data-${kind}`]: value });

/** The names that the file has; all of them as long as that is not known. */
const present = (names: readonly string[], numbers: Numbers | null): string[] => names.filter((name) => !numbers || numbers.has(name));

function termsOf(numbers: Numbers | null): HTMLElement[] {
  return IMPACTS.flatMap((impact) => {
    const terms = present(TERMS[impact], numbers);
    if (!terms.length) return [];
    const title = h("p", { class: "impact", "data-impact": impact }, impact);
    const checks = terms.map((term) => check("consequence", term, words(term), numbers?.get(term), swatch("consequence", term)));
    return [h("div", { class: "term-group", role: "group", "aria-label": `Consequences of impact ${impact}` }, title, ...checks)];
  });
}

/** What each list has; numbers are null until they are known. */
const LISTS: Record<string, (numbers: (column: string, name?: (value: string) => string) => Numbers | null) => HTMLElement[]> = {
  impact: (numbers) => {
    const impacts = numbers("impact");
    const dot = (impact: string): HTMLElement => h("span", { class: "impact-dot", "data-impact": impact });
    return IMPACTS.map((impact) => check("impact", impact, impact, impacts ? (impacts.get(impact) ?? 0) : undefined, dot(impact)));
  },
  consequence: (numbers) => termsOf(numbers("term")),
  type: (numbers) => {
    const types = numbers("type");
    return present(Object.keys(TYPES), types).map((type) => check("type", type, TYPES[type] ?? type, types?.get(type)));
  },
  clinical: (numbers) => {
    const classes = numbers("clin_sig", (word) => CLINVAR_WORDS[word] ?? word);
    const mark = (name: string): HTMLElement => swatch("clinical", name === "vus" ? "uncertain_significance" : name);
    return present(Object.keys(CLINICAL), classes).map((name) => check("clinical", name, CLINICAL[name] ?? name, classes?.get(name), mark(name)));
  },
};

/** The lists of the form, each made when its part of the form is opened for the first time. */
export class FilterLists {
  private readonly form: HTMLElement;
  private readonly onMade: () => void;
  private counts: Counts | null = null;

  /** `onMade` is called when there are new inputs, which know nothing of the address. */
  constructor(form: HTMLElement, onMade: () => void) {
    this.form = form;
    this.onMade = onMade;
    form.addEventListener("toggle", () => this.make((list) => !list.firstChild), { capture: true });
    this.make(() => true);
  }

  /** Write counts beside the values, and leave out values that the file does not have. */
  showCounts(counts: Counts): void {
    this.counts = counts;
    for (const list of this.lists()) if (!isSeen(list)) fill(list); // made anew when it is seen
    this.make(() => true);
  }

  private lists(): HTMLElement[] {
    return [...this.form.querySelectorAll<HTMLElement>("[data-list]")];
  }

  private make(isWanted: (list: HTMLElement) => boolean): void {
    const { counts } = this;
    const lists = this.lists().filter((list) => isSeen(list) && isWanted(list));
    for (const list of lists) {
      fill(list, ...(LISTS[list.dataset.list ?? ""]?.((column, name) => counts && numbersOf(counts, column, name)) ?? []));
    }
    if (lists.length) this.onMade();
  }
}

/** Whether all that folds around it is open. */
function isSeen(element: Element): boolean {
  const fold = element.closest("details");
  return !fold || (fold.open && isSeen(fold.parentElement as Element));
}
