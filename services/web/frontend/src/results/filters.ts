// The filters' form and the address: each input's name is a parameter. The address is always right; the form follows it.
import { change, current, filtersOf, go, listOf, withFilters } from "./address.ts";
import type { Refusal } from "./api.ts";
import { byId, debounced, fill, h } from "./dom.ts";

const TYPING_MILLISECONDS = 400;
/** Parameters whose several values stand in one, comma separated. */
const JOINED = new Set(["impact", "consequence", "type", "clinical"]);
/** Parameters whose text is a list, by lines, blanks or commas. */
const LISTED = new Set(["gene", "rs"]);

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const form = (): HTMLFormElement => byId<HTMLFormElement>("filter-form");
const fields = (): Field[] => [...form().elements].filter((field): field is Field => "name" in field && field.name !== "");

function valueOf(field: Field): string {
  if (!(field instanceof HTMLInputElement) || field.type !== "checkbox") return normal(field.name, field.value);
  if (field.dataset.off) return field.checked ? "" : field.dataset.off;
  return field.checked ? field.value : "";
}

function normal(name: string, text: string): string {
  if (LISTED.has(name)) return text.split(/[\s,;]+/).filter(Boolean).join(",");
  // people copy 25,880,000 from browsers
  if (name === "region") return text.replaceAll(/(?<=\d),(?=\d{3})/g, "").split(/[\s,;]+/).filter(Boolean).join(",");
  return text.trim();
}

/** The filters that the form says, in its order; those that it has no input for stay as they are. */
function asked(): URLSearchParams {
  const all = fields();
  const names = new Set(all.map(({ name }) => name));
  const filters = new URLSearchParams();
  for (const name of names) {
    const values = all.filter((field) => field.name === name).map(valueOf).filter(Boolean);
    if (JOINED.has(name) && values.length) filters.set(name, values.join(","));
    else for (const value of values) filters.append(name, value);
  }
  for (const [name, value] of filtersOf(current())) if (!names.has(name)) filters.append(name, value);
  return filters;
}

/** The input whose text is newer than the address. */
let typedIn: EventTarget | null = null;

function apply(): void {
  typedIn = null;
  go(withFilters(asked()));
}

function shownText(params: URLSearchParams, name: string): string {
  if (name === "gene" || name === "rs" || name === "region") return listOf(params, name).join(", ");
  return params.get(name) ?? "";
}

/** Write the address into the form, but never into the input where someone types. */
export function showFilters(params: URLSearchParams): void {
  for (const field of fields()) {
    if (field === typedIn) continue;
    if (field instanceof HTMLInputElement && field.type === "checkbox") {
      if (field.dataset.off) field.checked = params.get(field.name) !== field.dataset.off;
      else if (JOINED.has(field.name)) field.checked = listOf(params, field.name).includes(field.value);
      else field.checked = params.getAll(field.name).includes(field.value);
    } else if (field.dataset.pair) {
      field.value = pairOf(params, field.name, field.dataset.pair);
    } else if (field !== document.activeElement || normal(field.name, field.value) !== normal(field.name, shownText(params, field.name))) {
      field.value = shownText(params, field.name);
    }
  }
  fit(byId<HTMLTextAreaElement>("filter-gene"));
  showActive(params);
}

function pairOf(params: URLSearchParams, name: string, sample: string): string {
  return params.getAll(name).find((value) => value.startsWith(`${sample}:`)) ?? "";
}

/** Beside each part's title: how many of its filters are on. */
function showActive(params: URLSearchParams): void {
  const names = [...new Set(filtersOf(params).keys())];
  for (const section of form().querySelectorAll<HTMLDetailsElement>(".filter-section")) {
    const own = section.dataset.names?.split(" ") ?? [];
    const count = names.filter((name) => own.includes(name)).length;
    const badge = section.querySelector<HTMLElement>(".active-count");
    if (!badge) continue;
    badge.hidden = count === 0;
    fill(badge, h("span", { class: "visually-hidden" }, "filters on: "), count);
  }
}

/** A list that was pasted needs more lines than a name. Measuring makes the browser lay out the page, so not for nothing. */
function fit(area: HTMLTextAreaElement): void {
  area.style.height = area.value ? "auto" : "";
  if (!area.value) return;
  area.style.height = `${Math.min(area.scrollHeight + 2, 160)}px`;
}

/** Say under the input what is wrong with it; null forgets all. True if an input has that name. */
export function showFault(refusal: Refusal | null): boolean {
  for (const error of form().querySelectorAll(".filter-error")) error.replaceChildren();
  for (const field of form().querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  const fault = refusal?.document.errors?.[0];
  if (!refusal || !fault) return false;
  const place = document.getElementById(`error-${fault.field}`);
  if (!place) return false;
  const position = fault.position ?? refusal.document.position;
  const text = current().get(fault.field) ?? "";
  fill(place, fault.message, position !== undefined && marked(text, position));
  place.closest("details")?.setAttribute("open", "");
  place.scrollIntoView({ block: "nearest" });
  document.getElementById(`filter-${fault.field}`)?.setAttribute("aria-invalid", "true");
  return true;
}

/** The expression, with the place of the error marked. */
function marked(text: string, position: number): HTMLElement {
  const end = Math.max(position + 1, position + (/^\w+/.exec(text.slice(position))?.[0].length ?? 1));
  return h("code", { class: "expression" }, text.slice(0, position), h("mark", {}, text.slice(position, end) || "⏎"), text.slice(end));
}

/** Begin to follow what people do in the form. */
export function startFilters(): void {
  const typed = debounced(TYPING_MILLISECONDS, apply);
  typedIn = document.activeElement && fields().includes(document.activeElement as Field) ? document.activeElement : null;
  if (typedIn) typed(); // begun before this was loaded
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  form().addEventListener("input", (event) => {
    const field = event.target as Field;
    if (field instanceof HTMLTextAreaElement) fit(field);
    if (!field.name || isChoice(field)) return;
    typedIn = field;
    typed();
  });
  form().addEventListener("change", (event) => {
    if ((event.target as Field).name && isChoice(event.target as Field)) apply();
  });
  form().addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-set]");
    if (button) change({ [button.dataset.set ?? ""]: button.dataset.value ?? null, cursor: null, page: null });
  });
}

const isChoice = (field: Field): boolean =>
  field instanceof HTMLSelectElement || (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type));
