// Everything about one variant, for the drawer beside the table and for the variant's own page.
import type { Genotype, Row, Transcript, Value, Variant } from "./api.ts";
import { clinical, clinicalWords, consequence, genotype, hgvs, impactBadge, plainCell } from "./cells.ts";
import { h, icon } from "./dom.ts";
import { elsewhere } from "./links.ts";
import { frequency, whole } from "./numbers.ts";
import { words } from "./vocabulary.ts";

export interface Surroundings {
  assembly: string;
  /** Numbers of the samples that are affected. */
  affected: ReadonlySet<number>;
  /** The address of a gene's page. */
  geneAddress(symbol: string): string;
}

const MOST_TRANSCRIPTS = 6;
const MOST_GENOTYPES = 16;
const POPULATION = /^(.*_)?AF(?:_([A-Z]{2,6}))?$/i;

const text = (value: Value | undefined): string => (value === null || value === undefined ? "" : String(value));

/** A button that copies the text; the page's listener of data-copy does it. */
export function copyButton(value: string, label: string): HTMLElement {
  return h("button", { class: "copy", type: "button", "data-copy": value, title: `Copy ${label}`, "aria-label": `Copy ${label}` }, icon("copy"));
}

function section(title: string, ...content: (Node | false | null)[]): HTMLElement {
  return h("section", { class: "detail" }, h("h3", {}, title), ...content);
}

function fact(name: string, ...content: (Node | string | false | null)[]): HTMLElement {
  return h("div", { class: "fact" }, h("dt", {}, name), h("dd", {}, ...content));
}

function copied(value: Value | undefined, label: string): (Node | string)[] {
  const full = text(value);
  return full ? [h("span", { class: "hgvs" }, full), copyButton(full, label)] : ["–"];
}

/** `APP p.Val717Ile`, or the place where there is no such name. */
export function titleOf(variant: Variant): string {
  const { symbol, hgvsp, hgvsc, contig, pos } = variant.columns;
  const name = text(hgvsp) || text(hgvsc);
  const short = name.slice(name.indexOf(":") + 1);
  return [text(symbol), short || `${text(contig)}:${whole(Number(pos))}`].filter(Boolean).join(" ");
}

function summary(variant: Variant): HTMLElement {
  const row: Row = { key: variant.key, ...variant.columns };
  const { contig, pos, ref, alt, clin_sig: significance } = variant.columns;
  const name = `${text(contig)}-${text(pos)}-${text(ref)}-${text(alt)}`;
  return h(
    "dl",
    { class: "facts" },
    fact("Position", `${text(contig)}:${whole(Number(pos))}`, copyButton(name, "chromosome-position-ref-alt")),
    fact("Alleles", h("span", { class: "long-allele" }, `${text(ref)} › ${text(alt) || "."}`)),
    fact("Consequence", consequence(row), " ", impactBadge(row.impact)),
    fact("HGVS g.", ...copied(variant.columns.hgvsg, "HGVS g.")),
    fact("HGVS c.", ...copied(variant.columns.hgvsc, "HGVS c.")),
    fact("HGVS p.", ...copied(variant.columns.hgvsp, "HGVS p.")),
    significance !== null && fact("ClinVar", clinical(significance, reviewStatus(variant)), conflicts(significance)),
    fact("Known as", text(variant.columns.existing_variation).split("&").join(", ") || "–"),
    fact("Quality", ["qual", "filter", "dp"].map((key) => `${key.toUpperCase()} ${text(variant.columns[key]) || "–"}`).join(" · ")),
  );
}

const reviewStatus = (variant: Variant): Value => variant.known.find(({ field }) => /revstat|review|stars/i.test(field))?.value ?? null;

/** All that submissions say, where they differ. */
function conflicts(significance: Value | undefined): HTMLElement | false {
  const all = clinicalWords(significance);
  return all.length > 1 && h("div", { class: "small text-body-secondary" }, all.map(words).join("; "));
}

function transcriptRow(transcript: Transcript): HTMLElement {
  const marks = [transcript.pick && "picked", text(transcript.mane).replaceAll("_", " "), transcript.canonical && "canonical"].filter(Boolean);
  const row: Row = { key: "", ...transcript, worst_term: null };
  return h(
    "tr",
    { class: transcript.pick ? "picked" : "" },
    h("td", {}, h("span", { class: "id" }, text(transcript.feature) || "between genes"), h("small", {}, [words(text(transcript.biotype)), ...marks].join(" · "))),
    h("td", {}, consequence(row), h("small", {}, text(transcript.exon) ? `exon ${text(transcript.exon)}` : text(transcript.intron) && `intron ${text(transcript.intron)}`)),
    h("td", {}, hgvs(transcript.hgvsc), " ", text(transcript.hgvsp) ? hgvs(transcript.hgvsp) : null),
  );
}

function transcripts(all: readonly Transcript[]): HTMLElement | null {
  if (!all.length) return null;
  const ordered = [...all].sort((a, b) => Number(b.pick ?? false) - Number(a.pick ?? false));
  const body = h("tbody", {}, ...ordered.slice(0, MOST_TRANSCRIPTS).map(transcriptRow));
  const rest = ordered.slice(MOST_TRANSCRIPTS);
  const more = rest.length > 0 && h("button", { class: "btn btn-sm btn-link", type: "button" }, `${rest.length} more`);
  if (more) {
    more.addEventListener("click", () => {
      body.append(...rest.map(transcriptRow));
      more.remove();
    });
  }
  const head = ["Transcript", "Consequence", "HGVS"].map((name) => h("th", { scope: "col" }, name));
  return section(`${whole(all.length)} transcript${all.length === 1 ? "" : "s"}`, h("table", { class: "detail-table" }, h("thead", {}, h("tr", {}, ...head)), body), more);
}

function populationBar(name: string, about: string, value: number, highest: number): HTMLElement {
  const bar = h("span", { class: "population-bar" });
  bar.style.setProperty("--share", `${highest ? (100 * value) / highest : 0}%`);
  return h("div", { class: "population", title: about }, h("span", {}, name), bar, h("span", { class: "end" }, frequency(value)));
}

/** Frequencies by population, the highest first. */
function frequencies(variant: Variant): HTMLElement {
  const found = variant.known.flatMap(({ field, about, value }) => {
    const match = POPULATION.exec(field);
    return match && typeof value === "number" ? [{ name: match[2]?.replace(/^GLOBAL$/i, "all") ?? field.replaceAll("_", " "), about, value }] : [];
  });
  for (const [field, name] of [["gnomade_af", "gnomAD exomes"], ["gnomadg_af", "gnomAD genomes"]] as const) {
    const value = variant.columns[field];
    if (typeof value === "number") found.push({ name, about: name, value });
  }
  if (!found.length) return section("Frequency", h("p", { class: "none" }, "No source of this bundle knows a frequency."));
  found.sort((a, b) => b.value - a.value);
  return section("Frequency by population, beside the highest", ...found.map(({ name, about, value }) => populationBar(name, about, value, found[0]?.value ?? 0)));
}

function genotypeRow(sample: Genotype, affected: ReadonlySet<number>): HTMLElement {
  const name = h("span", { class: "text-truncate" }, sample.sample);
  const mark = affected.has(sample.number) && h("span", { class: "affected", title: "affected", role: "img", "aria-label": "affected" }, icon("circle-fill"));
  return h("div", { class: "fact" }, h("dt", {}, name, mark), h("dd", {}, genotype(sample), typeof sample.ps === "number" && h("small", { title: "phase set" }, `PS ${sample.ps}`)));
}

/** Carriers first, as they are why one looks. */
function genotypes(all: readonly Genotype[], affected: ReadonlySet<number>): HTMLElement | null {
  if (!all.length) return null;
  const ordered = all.length <= MOST_GENOTYPES ? all : [...all].sort((a, b) => Number(b.copies ?? 0) - Number(a.copies ?? 0));
  const list = h("dl", { class: "facts" }, ...ordered.slice(0, MOST_GENOTYPES).map((sample) => genotypeRow(sample, affected)));
  const rest = all.length - MOST_GENOTYPES;
  return section(all.length === 1 ? "Genotype" : "Genotypes", list, rest > 0 && h("p", { class: "small" }, `${whole(rest)} more samples; carriers are first.`));
}

/** What an expert would look at twice. */
function warnings(variant: Variant): HTMLElement | null {
  if (!variant.warnings.length) return null;
  return h("ul", { class: "warnings" }, ...variant.warnings.map(({ sample, text: what }) => h("li", {}, icon("exclamation-triangle"), ` ${sample}: ${what}`)));
}

function known(variant: Variant): HTMLElement | null {
  const rest = variant.known.filter(({ field, value }) => value !== null && !POPULATION.test(field));
  if (!rest.length) return null;
  const facts = rest.map(({ field, about, value }) => fact(field.replaceAll("_", " "), h("span", { title: about }, plainCell(value, typeof value === "number" ? "number" : "text", field))));
  return section("Known variants", h("dl", { class: "facts" }, ...facts));
}

function links(variant: Variant, surroundings: Surroundings): HTMLElement {
  const { contig, pos, end_pos: end, ref, alt, symbol, existing_variation: names, id } = variant.columns;
  const place = { contig: text(contig), pos: Number(pos), end: Number(end ?? pos), ref: text(ref), alt: text(alt) };
  const rs = [...new Set(`${text(names)}&${text(id)}`.split(/[&;,]/).filter((name) => /^rs\d+$/.test(name)))];
  const clinvar = text(variant.known.find(({ field }) => /clinvar.*(id|variation|allele)/i.test(field))?.value);
  const all = elsewhere(place, surroundings.assembly, { rs, clinvar, symbol });
  const anchors = all.map(({ name, address }) => h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, name, icon("box-arrow-up-right")));
  const gene = text(symbol) && h("a", { href: surroundings.geneAddress(text(symbol)) }, `All variants of ${text(symbol)}`);
  return section("Elsewhere", h("div", { class: "elsewhere" }, gene || null, ...anchors));
}

/** The variant's parts, in the order in which they are read. */
export function renderDetails(variant: Variant, surroundings: Surroundings): HTMLElement[] {
  const parts = [
    h("div", { class: "detail" }, summary(variant)),
    genotypes(variant.genotypes, surroundings.affected),
    warnings(variant),
    frequencies(variant),
    transcripts(variant.transcripts),
    known(variant),
    links(variant, surroundings),
  ];
  return parts.filter((part) => part !== null);
}
