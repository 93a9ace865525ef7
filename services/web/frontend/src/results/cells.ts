// How single values look in a cell. Colour never stands without its word.
import type { Row, Value } from "./api.ts";
import { h, icon } from "./dom.ts";
import { balance, frequency, plain, whole } from "./numbers.ts";
import { impactOf, severity, shortTerm, words } from "./vocabulary.ts";

const LONGEST_ALLELE = 7;
const SKEWED = 0.2;

const none = (): HTMLElement => h("span", { class: "none" }, "–");
const text = (value: Value | undefined): string => (value === null || value === undefined ? "" : String(value));

/** An impact as word and colour. */
export function impactBadge(impact: Value | undefined): HTMLElement {
  const name = text(impact);
  return name ? h("span", { class: "impact", "data-impact": name }, name) : none();
}

/** Terms of the Sequence Ontology with Ensembl's colour of the most severe. */
export function consequence(row: Row): HTMLElement {
  const terms = text(row.consequence).split("&").filter(Boolean);
  const [first] = terms;
  if (!first) return none();
  const all = terms.map(words).join(", ");
  const more = terms.length > 1 && h("span", { class: "more" }, `+${terms.length - 1}`);
  return h(
    "span",
    { class: "consequence", title: all },
    h("span", { class: "swatch", "data-consequence": first }),
    h("span", {}, shortTerm(first)),
    more,
    worseMark(row),
  );
}

/** A mark where another transcript is worse than the picked one. */
function worseMark(row: Row): HTMLElement | null {
  const worst = text(row.worst_term);
  const picked = text(row.term);
  if (!worst || !picked || worst === picked) return null;
  if (severity(impactOf(worst)) >= severity(impactOf(picked))) return null;
  const about = `Worse in another transcript: ${words(worst)} (${text(row.worst_impact)})`;
  return h("span", { class: "worse", title: about, role: "img", "aria-label": about }, icon("exclamation-triangle"));
}

function allele(sequence: string): HTMLElement {
  if (sequence.length <= LONGEST_ALLELE) return h("span", { class: "allele" }, sequence || "–");
  const title = `${whole(sequence.length)} bases: ${sequence.slice(0, 200)}${sequence.length > 200 ? "…" : ""}`;
  const copy = { class: "copy", type: "button", tabindex: -1, "data-copy": sequence, title: "Copy the allele" };
  return h(
    "span",
    { class: "allele", title },
    `${sequence.slice(0, 4)}…`,
    h("small", {}, String(sequence.length)),
    h("button", { ...copy, "aria-label": "Copy the allele" }, icon("copy")),
  );
}

/** `REF › ALT`, long alleles cut. */
export const alleles = (row: Row): HTMLElement =>
  h("span", { class: "alleles" }, allele(text(row.ref)), h("span", { class: "to" }, "›"), allele(text(row.alt)));

export const position = (row: Row): HTMLElement =>
  h("span", { class: "locus" }, h("span", { class: "contig" }, `${text(row.contig)}:`), whole(Number(row.pos)));

/** A name of HGVS without its reference, which the title has. */
export function hgvs(value: Value | undefined): HTMLElement {
  const full = text(value);
  if (!full) return none();
  return h("span", { class: "hgvs", title: full }, full.slice(full.indexOf(":") + 1));
}

/** The highest frequency with its population; a bar shows its size on a logarithmic scale. */
export function highestFrequency(row: Row): HTMLElement {
  const value = row.max_af ?? row.af;
  if (typeof value !== "number") return h("span", { class: "none", title: "No source knows a frequency" }, "unknown");
  const population = row.max_af === null ? "all" : text(row.max_af_pops).split("&").join(", ");
  return h("span", { class: "frequency" }, h("small", {}, population), frequency(value));
}

/** ClinVar's words in the order of how much they matter, each once. */
export function clinicalWords(value: Value | undefined): string[] {
  const found = new Set(text(value).split(/[|/&,]/).map((word) => word.trim().toLowerCase()).filter(Boolean));
  if (found.size > 1) found.delete("not_provided");
  const order = ["pathogenic", "likely_pathogenic", "conflicting", "uncertain_significance", "likely_benign", "benign"];
  const place = (word: string): number => {
    const at = order.findIndex((known) => word.startsWith(known));
    return at < 0 ? order.length : at;
  };
  return [...found].sort((a, b) => place(a) - place(b));
}

const STARS: [string, number][] = [
  ["practice_guideline", 4], ["expert_panel", 3], ["multiple_submitters", 2], ["conflicting", 1], ["single_submitter", 1],
];

/** The stars of a review status, 0 to 4; null where there is none. */
export function starsOf(status: Value | undefined): number | null {
  const name = text(status).toLowerCase().replaceAll(" ", "_");
  if (!name) return null;
  return STARS.find(([part]) => name.includes(part))?.[1] ?? 0;
}

export function stars(count: number): HTMLElement {
  const about = `${count} of 4 stars`;
  return h("span", { class: "stars", role: "img", "aria-label": about, title: about }, "★".repeat(count) + "☆".repeat(4 - count));
}

export function clinical(significance: Value | undefined, status?: Value): HTMLElement {
  const [first, ...rest] = clinicalWords(significance);
  if (!first) return none();
  const count = starsOf(status);
  const title = [first, ...rest].map(words).join("; ");
  return h(
    "span",
    { class: "clinical", title },
    h("span", { class: "swatch", "data-clinical": first }),
    words(first),
    rest.length > 0 && h("span", { class: "more" }, `+${rest.length}`),
    count !== null && stars(count),
  );
}

/** `0/1 · 18|15 · AB .45 · GQ 99`, with a shape for the zygosity. */
export function genotype(values: Record<string, Value | undefined>): HTMLElement {
  const { gt, zygosity, ad_ref: ref, ad_alt: alt, ab, gq } = values;
  if (gt === null || gt === undefined) return none();
  const parts: (Node | string)[] = [];
  if (typeof ref === "number" && typeof alt === "number") {
    parts.push(h("span", { class: "reads", title: `${ref} reference reads, ${alt} alternate reads` }, `${ref}|${alt}`));
  }
  if (typeof ab === "number" && zygosity === "het") {
    const isSkewed = ab < SKEWED || ab > 1 - SKEWED;
    const title = isSkewed ? "Allele balance is skewed: below .2 or above .8" : "Allele balance";
    parts.push(h("span", { class: isSkewed ? "ab skewed" : "ab", title }, `AB ${balance(ab)}`));
  }
  if (typeof gq === "number") parts.push(h("span", { class: gq < 20 ? "gq low" : "gq", title: "Genotype quality" }, `GQ ${plain(gq)}`));
  return h(
    "span",
    { class: "genotype", "data-zygosity": text(zygosity) || "missing" },
    h("span", { class: "zygosity", role: "img", "aria-label": words(text(zygosity) || "missing"), title: words(text(zygosity) || "missing") }),
    h("span", { class: "gt" }, text(gt)),
    ...parts,
  );
}

/** Any other column, by its type. */
export function plainCell(value: Value | undefined, type: string, name: string): HTMLElement {
  if (value === null || value === undefined) return none();
  if (typeof value === "boolean") return h("span", {}, value ? "yes" : "no");
  if (typeof value === "number") {
    const shown = /(^|_)af(_|$)/i.test(name) ? frequency(value) : type === "integer" ? whole(value) : plain(value);
    return h("span", { class: "number" }, shown);
  }
  const list = value.split("&").join(", ");
  return h("span", { title: list }, list);
}
