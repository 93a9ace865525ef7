// One's own saved filters, and presets that begin from the field's conventions.
import { current, filtersOf, go, withFilters, written } from "./address.ts";
import { json, Refusal } from "./api.ts";
import { chipsOf } from "./chips.ts";
import { say } from "./clipboard.ts";
import { byId, fill, h, icon } from "./dom.ts";

interface SavedFilter {
  id: string;
  name: string;
  query: string;
  version: number;
}

export interface Preset {
  name: string;
  title: string;
  source: string;
  note: string;
  needs_family: boolean;
  parameters: [string, string][];
  left_out: string[];
}

const ROOT = "/api/v1/filters";
const LONGEST_NAME = 80;

function applied(query: string): void {
  go(withFilters(filtersOf(new URLSearchParams(query))));
}

/** What a saved question asks, in words. */
const wordsOf = (query: string): string => chipsOf(new URLSearchParams(query)).map(({ text }) => text).join(" · ");

async function told(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    say(error instanceof Refusal ? error.message : "That did not work. Try again in a minute.");
  }
}

class SavedFilters {
  private readonly token: string;
  private items: SavedFilter[] = [];

  constructor(token: string) {
    this.token = token;
  }

  async load(): Promise<void> {
    this.items = (await json<{ items: SavedFilter[] }>(ROOT)).items;
    this.show();
  }

  private show(): void {
    const rows = this.items.map((item) => this.row(item));
    const none = !rows.length && h("p", { class: "dropdown-header" }, "None yet. Set filters, then save them here.");
    fill(byId("saved"), ...rows, none, h("hr", { class: "dropdown-divider" }), this.form());
  }

  private row(item: SavedFilter): HTMLElement {
    const use = h("button", { class: "dropdown-item", type: "button", title: wordsOf(item.query) }, item.name, h("small", {}, wordsOf(item.query)));
    use.addEventListener("click", () => applied(item.query));
    const remove = h("button", { class: "btn btn-sm", type: "button", "aria-label": `Delete the filter ${item.name}` }, icon("trash"));
    remove.addEventListener("click", () => void told(() => this.remove(item)));
    return h("div", { class: "menu-row" }, use, remove);
  }

  private form(): HTMLElement {
    const name = h("input", { class: "form-control form-control-sm", maxlength: LONGEST_NAME, required: true, placeholder: "Name of the present filters", "aria-label": "Name of the present filters" });
    const form = h("form", { class: "menu-form" }, name, h("button", { class: "btn btn-sm btn-primary" }, "Save"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      void told(() => this.add(name.value.trim()));
    });
    return form;
  }

  private async add(name: string): Promise<void> {
    const query = written(filtersOf(current())).slice(1);
    if (!name) return;
    if (!query) return say("There is no filter to save yet.");
    await json(ROOT, { method: "POST", headers: this.headers, body: JSON.stringify({ name, query }) });
    await this.load();
    say("Saved");
  }

  private async remove(item: SavedFilter): Promise<void> {
    await json(`${ROOT}/${item.id}?version=${item.version}`, { method: "DELETE", headers: this.headers });
    await this.load();
  }

  private get headers(): Record<string, string> {
    return { "Content-Type": "application/json", "X-CSRFToken": this.token };
  }
}

/** Load saved filters when their menu is opened for the first time. */
export function startSaved(token: string): void {
  const box = document.getElementById("saved");
  if (!box) return;
  const saved = new SavedFilters(token);
  box.parentElement?.addEventListener("show.bs.dropdown", () => void told(() => saved.load()), { once: true });
}

/** What someone should know before using it. */
function caveats(preset: Preset): string[] {
  const without = preset.left_out.length ? `This file has no values for ${preset.left_out.join(", ")}.` : "";
  return [without, preset.note && `${preset.note[0]?.toUpperCase()}${preset.note.slice(1)}.`].filter((text) => text !== "");
}

function presetRow(preset: Preset): HTMLElement {
  const query = new URLSearchParams(preset.parameters);
  const [, title = preset.title] = /^[^:]*: (.*)$/.exec(preset.title) ?? [];
  const name = `${title[0]?.toUpperCase()}${title.slice(1)}`;
  const use = h("button", { class: "dropdown-item", type: "button", title: caveats(preset).join(" ") }, name, h("small", {}, wordsOf(query.toString())));
  use.addEventListener("click", () => applied(merged(query).toString()));
  return use;
}

/** Presets under the system that they come from, with what holds for all of it said once. */
function presetGroups(presets: readonly Preset[]): HTMLElement[] {
  return [...new Set(presets.map(({ source }) => source))].map((source) => {
    const own = presets.filter((preset) => preset.source === source);
    const notes = [...new Set(own.flatMap(caveats))].map((note) => h("small", { class: "caveat" }, note));
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

export function startPresets(url: string): void {
  const box = byId("presets");
  let items: Preset[] | null = null;
  const load = async (): Promise<void> => {
    items ??= (await json<{ presets: Preset[] }>(url)).presets;
    fill(box, familyNote(items), ...presetGroups(items));
  };
  box.parentElement?.addEventListener("show.bs.dropdown", () => void told(load));
}
