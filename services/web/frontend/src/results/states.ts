// What stands in the grid's place: the file is being opened, nothing passes, something went wrong.
import { addressOf, go, withFilters, withoutStep } from "./address.ts";
import type { Page, Refusal } from "./api.ts";
import { byId, fill, h, icon } from "./dom.ts";
import { counted } from "./numbers.ts";

function show(shape: string, title: string, ...content: (Node | string | false | null)[]): void {
  const box = byId("state");
  box.hidden = false;
  fill(box, h("div", { class: "empty" }, icon(shape), h("h2", { class: "h5" }, title), ...content));
}

export function hideState(): void {
  const box = byId("state");
  box.hidden = true;
  fill(box);
}

function link(params: URLSearchParams, text: string): HTMLElement {
  const click = (event: MouseEvent): void => {
    event.preventDefault();
    go(params);
  };
  return h("a", { class: "btn btn-sm btn-outline-secondary", href: addressOf(params), on: { click } }, text);
}

/** How much of the file the server has. */
export function showOpening(fraction: number): void {
  const bar = h("progress", { class: "bar", max: 1, "aria-label": "Opening the table" });
  bar.value = fraction;
  show("database", "Opening the table", h("p", {}, `The result is copied to this server for the first look: ${Math.round(fraction * 100)} %.`), bar);
}

/** No row passes: name the filter that removed the last ones. */
export function showEmpty(page: Page, params: URLSearchParams): void {
  const last = page.funnel.find(({ remaining }) => remaining === 0);
  if (!last) return show("inbox", "There are no variants in this result", h("p", {}, "The VCF has no records with alleles."));
  const text = last.removed
    ? `“${last.label}” removed the last ${last.removed === 1 ? "one" : counted(last.removed, "allele")}.`
    : `“${last.label}” leaves none.`;
  const clear = page.funnel.length > 1 && link(withFilters(new URLSearchParams()), "Clear all filters");
  const actions = h("div", { class: "d-flex gap-2 justify-content-center flex-wrap" }, link(withoutStep(params, last.step), "Remove this filter"), clear);
  show("funnel", "No variant passes all filters", h("p", {}, text), actions);
}

const NEXT: Record<number, string> = {
  0: "Try again",
  401: "Log in again",
};

/** What went wrong, what to do next, and by which id it can be found in our logs. */
export function showError(refusal: Refusal, retry: () => void): void {
  const { title, detail, trace_id: trace, run_again: again } = refusal.document;
  const button = h("button", { class: "btn btn-sm btn-primary", type: "button" }, NEXT[refusal.status] ?? "Try again");
  button.addEventListener("click", () => (refusal.status === 401 ? location.reload() : retry()));
  const page = byId("variants").dataset.page?.replace(/\/variants(\?.*)?$/, "") ?? "/jobs";
  const toJob = (again || refusal.status === 409 || refusal.status === 410) && h("a", { class: "btn btn-sm btn-outline-secondary", href: page }, "To the job");
  const isInput = refusal.status === 400;
  const isOver = refusal.status === 401;
  show(
    "exclamation-triangle",
    isInput ? "This question cannot be answered" : isOver ? "Your session is over" : (title ?? "Something went wrong on our side"),
    h("p", {}, (isInput && refusal.document.errors?.[0]?.message) || (isOver ? "Log in again: the address keeps your question." : detail) || "Nothing is lost. Please try again in a minute."),
    h("div", { class: "d-flex gap-2 justify-content-center" }, !isInput && button, isInput && link(withFilters(new URLSearchParams()), "Clear all filters"), toJob),
    trace ? h("p", { class: "trace" }, "Trace id ", h("code", {}, trace)) : null,
  );
}
