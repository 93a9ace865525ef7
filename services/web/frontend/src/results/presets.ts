// Presets that begin from the field's conventions, and name them.
import { current, filtersOf } from "./address.ts";
import { json } from "./api.ts";
import { fill, h } from "./dom.ts";
import { applied, wordsOf } from "./saved.ts";

export interface Preset {
  name: string;
  title: string;
  source: string;
  note: string;
  needs_family: boolean;
  parameters: [string, string][];
  left_out: string[];
}

/** What a file lacks where a parameter is left out. */
const VALUES: Record<string, string> = {
  pass: "FILTER",
  min_ab: "allele balance",
  min_gq: "genotype quality (GQ)",
  min_dp_het: "depth (DP)",
  min_dp_hom: "depth (DP)",
  min_alt_reads: "reads of the allele (AD)",
  max_af: "frequencies",
  clinical: "ClinVar",
};

/** What someone should know before using these. */
function caveats(presets: readonly Preset[]): string[] {
  const lacking = new Set(presets.flatMap(({ left_out: names }) => names.map((name) => VALUES[name] ?? name)));
  const without = lacking.size ? `This file has no values for ${[...lacking].join(", ")}: that part is left out.` : "";
  const notes = presets.map(({ note }) => note && `${note[0]?.toUpperCase()}${note.slice(1)}.`);
  return [...new Set([without, ...notes])].filter((text) => text !== "");
}

function presetRow(preset: Preset): HTMLElement {
  const query = new URLSearchParams(preset.parameters);
  const [, title = preset.title] = /^[^:]*: (.*)$/.exec(preset.title) ?? [];
  const name = `${title[0]?.toUpperCase()}${title.slice(1)}`;
  const isLacking = preset.needs_family && !current().has("family");
  const why = isLacking && h("small", {}, "Needs the roles of the samples.");
  const use = h("button", { class: "dropdown-item", type: "button", disabled: isLacking, title: caveats([preset]).join(" ") }, name, h("small", {}, wordsOf(query.toString())), why);
  use.addEventListener("click", () => applied(merged(query).toString()));
  return use;
}

/** Presets under the system that they come from, with what holds for all of it said once. */
function presetGroups(presets: readonly Preset[]): HTMLElement[] {
  return [...new Set(presets.map(({ source }) => source))].map((source) => {
    const own = presets.filter((preset) => preset.source === source);
    const notes = caveats(own).map((note) => h("small", { class: "caveat" }, note));
    return h("section", { "aria-label": source }, h("p", { class: "preset-source" }, source, ...notes), ...own.map(presetRow));
  });
}

function familyNote(presets: readonly Preset[]): HTMLElement | false {
  const isNeeded = presets.some(({ needs_family: needs }) => needs) && !current().has("family");
  return isNeeded && h("p", { class: "preset-note" }, "Models of inheritance need the roles of the samples: set them under “Samples and family”.");
}

/** A preset replaces what it sets and keeps the place, the samples and their roles. */
function merged(preset: URLSearchParams): URLSearchParams {
  const kept = new Set(["gene", "region", "genotype", "family", "rs", "q"]);
  return new URLSearchParams([...[...filtersOf(current())].filter(([name]) => kept.has(name) && !preset.has(name)), ...preset]);
}

/** Fill the menu of presets, which it is told about when it is opened. */
export class PresetMenu {
  private readonly box: HTMLElement;
  private readonly url: string;
  private items: Preset[] | null = null;

  constructor(box: HTMLElement, url: string) {
    this.box = box;
    this.url = url;
  }

  async load(): Promise<void> {
    this.items ??= (await json<{ presets: Preset[] }>(this.url)).presets;
    fill(this.box, familyNote(this.items), ...presetGroups(this.items));
  }
}
