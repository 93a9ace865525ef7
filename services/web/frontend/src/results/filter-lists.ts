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

/** Fill the lists of the form; counts are null until they are known. */
export function showLists(form: HTMLElement, counts: Counts | null): void {
  const list = (name: string): HTMLElement => form.querySelector(`[data-list="${name}"]`) as HTMLElement;
  const numbers = (column: string, name?: (value: string) => string): Numbers | null => counts && numbersOf(counts, column, name);
  const impacts = numbers("impact");
  const dot = (impact: string): HTMLElement => h("span", { class: "impact-dot", "data-impact": impact });
  fill(list("impact"), ...IMPACTS.map((impact) => check("impact", impact, impact, impacts ? (impacts.get(impact) ?? 0) : undefined, dot(impact))));
  fill(list("consequence"), ...termsOf(numbers("term")));
  const types = numbers("type");
  fill(list("type"), ...present(Object.keys(TYPES), types).map((type) => check("type", type, TYPES[type] ?? type, types?.get(type))));
  const classes = numbers("clin_sig", (word) => CLINVAR_WORDS[word] ?? word);
  const mark = (name: string): HTMLElement => swatch("clinical", name === "vus" ? "uncertain_significance" : name);
  fill(list("clinical"), ...present(Object.keys(CLINICAL), classes).map((name) => check("clinical", name, CLINICAL[name] ?? name, classes?.get(name), mark(name))));
}
