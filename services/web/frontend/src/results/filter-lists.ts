// The lists of values that filters offer, with counts: impacts, consequences, classes of ClinVar, types.
import type { Facets } from "./api.ts";
import { fill, h } from "./dom.ts";
import { whole } from "./numbers.ts";
import { CLINICAL, IMPACTS, TERMS, TYPES, words } from "./vocabulary.ts";

type Counts = Map<string, number>;

const CLINVAR_WORDS: Record<string, string> = {
  uncertain_significance: "vus",
  conflicting_interpretations_of_pathogenicity: "conflicting",
  conflicting_classifications_of_pathogenicity: "conflicting",
};

function countsOf(facets: Facets, column: string, name = (value: string) => value): Counts {
  const counts: Counts = new Map();
  for (const { value, count } of facets.values[column] ?? []) {
    const key = value === null ? "none" : name(value);
    counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return counts;
}

function check(name: string, value: string, label: string, count: number | undefined, mark?: HTMLElement): HTMLElement {
  const id = `filter-${name}-${value}`;
  return h(
    "div",
    { class: `form-check${count === undefined ? " absent" : ""}` },
    h("input", { class: "form-check-input", type: "checkbox", name, value, id }),
    h("label", { class: "form-check-label", for: id }, mark, h("span", { class: "text-truncate" }, label), h("span", { class: "n" }, whole(count ?? 0))),
  );
}

function termsOf(counts: Counts): HTMLElement[] {
  return IMPACTS.flatMap((impact) => {
    const present = TERMS[impact].filter((term) => counts.has(term));
    if (!present.length) return [];
    const title = h("p", { class: "impact", "data-impact": impact }, impact);
    const checks = present.map((term) =>
      check("consequence", term, words(term), counts.get(term), h("span", { class: "swatch", "data-consequence": term })),
    );
    return [h("div", { class: "term-group", role: "group", "aria-label": `Consequences of impact ${impact}` }, title, ...checks)];
  });
}

/** Fill the lists of the form. What the whole file lacks is left out, but for impacts. */
export function showLists(form: HTMLElement, facets: Facets): void {
  const list = (name: string): HTMLElement => form.querySelector(`[data-list="${name}"]`) as HTMLElement;
  const impacts = countsOf(facets, "impact");
  const mark = (impact: string): HTMLElement => h("span", { class: "impact-dot", "data-impact": impact });
  fill(list("impact"), ...IMPACTS.map((impact) => check("impact", impact, impact, impacts.get(impact), mark(impact))));
  fill(list("consequence"), ...termsOf(countsOf(facets, "term")));
  const types = countsOf(facets, "type");
  fill(list("type"), ...Object.keys(TYPES).filter((type) => types.has(type)).map((type) => check("type", type, TYPES[type] ?? type, types.get(type))));
  const classes = countsOf(facets, "clin_sig", (word) => CLINVAR_WORDS[word] ?? word);
  const shown = Object.keys(CLINICAL).filter((name) => classes.has(name));
  const clinicalMark = (name: string): HTMLElement => h("span", { class: "swatch", "data-clinical": name === "vus" ? "uncertain_significance" : name });
  fill(list("clinical"), ...shown.map((name) => check("clinical", name, CLINICAL[name] ?? name, classes.get(name), clinicalMark(name))));
}
