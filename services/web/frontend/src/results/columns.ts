// The columns that people see. Some show several of the API's columns: a genotype with its reads, balance and quality.
import { namedSamples } from "./address.ts";
import type { About, ColumnFacet, Row, Sample, Value } from "./api.ts";
import { alleles, clinical, consequence, genotype, hgvs, highestFrequency, impactBadge, plainCell, position } from "./cells.ts";

export interface Column {
  /** The name in the address: that of the API's main column. */
  name: string;
  title: string;
  group: string;
  about: string;
  source: string;
  /** All columns of the API that the cell shows. */
  needs: readonly string[];
  /** The API's columns to sort by; none where it cannot sort. */
  sortBy: readonly string[];
  isNumber: boolean;
  width: number;
  /** The number of its sample, from 1. */
  sample?: number;
  cell(row: Row): HTMLElement;
}

const GENOTYPE = ["gt", "zygosity", "ad_ref", "ad_alt", "ab", "gq"] as const;
const MOST_SAMPLES = 4;
const MOST_ASKED_SAMPLES = 8;
const DEFAULTS = ["pos", "alt", "symbol", "consequence", "impact", "hgvsp", "max_af", "clin_sig"];
const LAST_DEFAULTS = ["hgvsc", "existing_variation", "qual", "filter"];

type Special = Pick<Column, "title" | "needs" | "width" | "cell"> & Partial<Column>;

const SPECIAL: Record<string, Special> = {
  pos: { title: "Position", needs: ["contig", "pos"], sortBy: ["contig_number", "pos"], width: 122, cell: position, isNumber: false },
  alt: { title: "Alleles", needs: ["ref", "alt"], width: 122, cell: alleles },
  symbol: { title: "Gene", needs: ["symbol"], width: 84, cell: (row) => plainCell(row.symbol, "text", "symbol") },
  consequence: { title: "Consequence", needs: ["consequence", "term", "worst_term", "worst_impact"], width: 150, cell: consequence },
  impact: { title: "Impact", needs: ["impact"], width: 106, cell: (row) => impactBadge(row.impact) },
  hgvsc: { title: "HGVS c.", needs: ["hgvsc"], width: 104, cell: (row) => hgvs(row.hgvsc) },
  hgvsp: { title: "HGVS p.", needs: ["hgvsp"], width: 112, cell: (row) => hgvs(row.hgvsp) },
  max_af: { title: "Highest AF", needs: ["max_af", "max_af_pops", "af"], width: 112, cell: highestFrequency, isNumber: true },
  existing_variation: { title: "Known as", needs: ["existing_variation"], width: 130, cell: (row) => plainCell(row.existing_variation, "text", "id") },
  qual: { title: "QUAL", needs: ["qual"], width: 84, cell: (row) => plainCell(row.qual, "number", "qual"), isNumber: true },
  filter: { title: "FILTER", needs: ["filter"], width: 92, cell: (row) => plainCell(row.filter, "text", "filter") },
  hgvsg: { title: "HGVS g.", needs: ["hgvsg"], width: 150, cell: (row) => hgvs(row.hgvsg) },
};

const RECORD = new Set("record allele contig_number contig pos end_pos id ref alt type qual filter dp not_annotated samples_carrying allele_count allele_number".split(" "));
const KNOWN = /^(known_|existing_variation|af$|gnomad|max_af|clin_sig|is_pathogenic)/;

function groupOf(facet: ColumnFacet): string {
  if (facet.sample || facet.name.startsWith("carriers_")) return "Samples";
  if (RECORD.has(facet.name)) return "Record";
  return KNOWN.test(facet.name) ? "Known variants" : "Consequence";
}

const upper = (name: string): string => name.replace(/^known_/, "").replaceAll("_", " ");

function special(facet: ColumnFacet, file: About): Special | null {
  if (facet.name === "clin_sig") {
    const status = file.columns.find(({ name }) => /revstat|review|stars/i.test(name))?.name;
    const cell = (row: Row): HTMLElement => clinical(row.clin_sig, status ? row[status] : undefined);
    return { title: "ClinVar", needs: status ? ["clin_sig", status] : ["clin_sig"], width: 140, cell };
  }
  if (facet.sample && facet.name.endsWith("_gt")) return genotypeColumn(facet.sample, file);
  return SPECIAL[facet.name] ?? null;
}

function genotypeColumn(sample: number, file: About): Special {
  // a file of mere genotypes needs little room
  const names = GENOTYPE.filter((part) => file.columns.some(({ name }) => name === `s1_${part}`) && !file.empty.includes(`s${sample}_${part}`));
  const cell = (row: Row): HTMLElement => genotype(Object.fromEntries(names.map((part) => [part, row[`s${sample}_${part}`] as Value])));
  const title = file.samples[sample - 1]?.name ?? `sample ${sample}`;
  const about = "genotype · reference|alternate reads · allele balance · genotype quality";
  return { title, needs: names.map((part) => `s${sample}_${part}`), width: names.length > 3 ? 215 : 96, cell, about };
}

function columnOf(facet: ColumnFacet, file: About): Column {
  const isNumber = facet.type === "integer" || facet.type === "number";
  const sampleName = facet.sample ? ` of ${file.samples[facet.sample - 1]?.name ?? facet.sample}` : "";
  const plain: Column = {
    name: facet.name,
    title: facet.sample ? `${facet.name.replace(/^s\d+_/, "").toUpperCase()}${sampleName}` : upper(facet.name),
    group: groupOf(facet),
    about: facet.about,
    source: facet.source,
    needs: [facet.name],
    sortBy: facet.is_sortable ? [facet.name] : [],
    isNumber,
    width: isNumber ? 90 : 120,
    cell: (row) => plainCell(row[facet.name], facet.type, facet.name),
    ...(facet.sample ? { sample: facet.sample } : {}),
  };
  return { ...plain, ...special(facet, file) };
}

/** All columns that can be shown, by name, in the order in which the file has them. */
export function columnsOf(file: About): Map<string, Column> {
  const shown = file.columns.filter(({ is_list: isList }) => !isList);
  return new Map([...shown, ...otherGenotypes(file)].map((facet) => [facet.name, columnOf(facet, file)]));
}

/** Of many samples the API describes the columns of the first few; the genotype of each can be shown. */
function otherGenotypes(file: About): ColumnFacet[] {
  const described = new Set(file.columns.map(({ sample }) => sample));
  const model = file.columns.find(({ name }) => name === "s1_gt");
  if (!model) return [];
  return file.samples.filter(({ number }) => !described.has(number)).map(({ number }) => ({ ...model, name: `s${number}_gt`, sample: number }));
}

/** The samples that a question names, or the first ones. */
function shownSamples(file: About, params: URLSearchParams): Sample[] {
  const named = new Set(namedSamples(params));
  const asked = file.samples.filter(({ name }) => named.has(name));
  return asked.length ? asked.slice(0, MOST_ASKED_SAMPLES) : file.samples.slice(0, MOST_SAMPLES);
}

/** What is shown to someone who has chosen nothing. */
export function defaultNames(file: About, params: URLSearchParams): string[] {
  const samples = shownSamples(file, params).map(({ number }) => `s${number}_gt`);
  return [...DEFAULTS, ...samples, ...LAST_DEFAULTS].filter((name) => !file.empty.includes(name));
}

/** The API's columns that these need, each once. */
export const needed = (columns: readonly Column[]): string[] => [...new Set(columns.flatMap((column) => column.needs))];
