// The filters that are on, in words. Each chip is a link to the question without it.
import { addressOf, filtersOf, go, listOf, withFilters } from "./address.ts";
import { fill, h, icon } from "./dom.ts";
import { CLINICAL, GENOTYPES, INHERITANCE, ROLES, shortTerm, TYPES } from "./vocabulary.ts";

export interface Chip {
  /** The parameter, which is the name of the funnel's step too. */
  name: string;
  text: string;
  /** The filters that remain when it is removed. */
  rest: URLSearchParams;
}

const MOST_WORDS = 3;

function either(values: string[]): string {
  if (values.length > MOST_WORDS) return `${values.slice(0, MOST_WORDS).join(", ")} or ${values.length - MOST_WORDS} more`;
  return values.join(" or ");
}

const named = (names: Record<string, string>) => (value: string) => names[value] ?? value;

const LISTS: Record<string, (values: string[]) => string> = {
  gene: (values) => `Gene is ${either(values)}`,
  region: (values) => `In ${either(values)}`,
  consequence: (values) => `Consequence is ${either(values.map(shortTerm))}`,
  impact: (values) => `Impact is ${either(values)}`,
  type: (values) => `Type is ${either(values.map(named(TYPES)))}`,
  clinical: (values) => `ClinVar: ${either(values.map(named(CLINICAL)))}`,
  rs: (values) => `Known as ${either(values)}`,
};

const SINGLE: Record<string, (value: string) => string> = {
  q: (value) => `“${value}”`,
  min_qual: (value) => `QUAL ≥ ${value}`,
  pass: () => "FILTER is PASS",
  min_dp: (value) => `DP ≥ ${value}`,
  inheritance: (value) => `Inheritance: ${INHERITANCE[value] ?? value}`,
  min_ab: (value) => `AB of het ${value} to ${Number((1 - Number(value.replace(",", "."))).toFixed(4))}`,
  min_gq: (value) => `GQ ≥ ${value}`,
  min_dp_het: (value) => `DP of het ≥ ${value}`,
  min_dp_hom: (value) => `DP of hom ≥ ${value}`,
  min_alt_reads: (value) => `Alternate reads ≥ ${value}`,
  max_af: (value) => `AF ≤ ${value} in every population`,
  keep_missing_af: (value) => (value === "false" ? "Only with known frequency" : "Unknown frequency kept"),
  min_stars: (value) => `ClinVar stars ≥ ${value}`,
  mane: () => "MANE transcript",
  any_transcript: () => "In any transcript",
  where: (value) => `Where ${value}`,
};

const PAIRS: Record<string, (sample: string, word: string) => string> = {
  genotype: (sample, word) => `${sample} is ${GENOTYPES[word] ?? word}`,
  family: (sample, word) => `${sample}: ${(ROLES[word] ?? word).toLowerCase()}`,
};

function without(filters: URLSearchParams, name: string, value?: string): URLSearchParams {
  return new URLSearchParams([...filters].filter(([n, v]) => n !== name || (value !== undefined && v !== value)));
}

function chipOf(filters: URLSearchParams, name: string): Chip[] {
  const list = LISTS[name];
  if (list) return [{ name, text: list(listOf(filters, name)), rest: without(filters, name) }];
  const pair = PAIRS[name];
  if (!pair) {
    const text = (SINGLE[name] ?? ((value: string) => `${name} is ${value}`))(filters.get(name) ?? "");
    return [{ name, text, rest: without(filters, name) }];
  }
  return filters.getAll(name).map((value) => {
    const at = value.lastIndexOf(":");
    return { name, text: pair(value.slice(0, at), value.slice(at + 1)), rest: without(filters, name, value) };
  });
}

/** The chips of a question, in the order of its address. */
export function chipsOf(params: URLSearchParams): Chip[] {
  const filters = filtersOf(params);
  return [...new Set(filters.keys())].flatMap((name) => chipOf(filters, name));
}

function element(chip: Chip): HTMLElement {
  const rest = withFilters(chip.rest);
  const click = (event: MouseEvent): void => {
    event.preventDefault();
    go(rest);
  };
  return h(
    "li",
    {},
    h(
      "a",
      { class: "chip", href: addressOf(rest), "aria-label": `Remove the filter: ${chip.text}`, title: chip.text, on: { click } },
      h("span", { class: "text-truncate" }, chip.text),
      icon("x-lg"),
    ),
  );
}

/** Write the chips into a list, with a link that removes them all. */
export function showChips(list: HTMLElement, params: URLSearchParams): void {
  const chips = chipsOf(params);
  list.hidden = chips.length === 0;
  const none = withFilters(new URLSearchParams());
  const click = (event: MouseEvent): void => {
    event.preventDefault();
    go(none);
  };
  const all = h("li", {}, h("a", { class: "btn btn-sm btn-link", href: addressOf(none), on: { click } }, "Clear all"));
  fill(list, ...chips.map(element), chips.length > 1 && all);
}
