// The funnel: what each filter leaves and removes, what it does with missing values, and what the frequency hides.
import { addressOf, filtersOf, go, withFilters } from "./address.ts";
import type { FunnelStep, Page } from "./api.ts";
import { byId, fill, h } from "./dom.ts";
import { counted, whole } from "./numbers.ts";

function missingWords(step: FunnelStep): string {
  if (step.missing === "none" || step.missing_count === 0) return "–";
  const verb = step.missing === "kept" ? "kept" : "removed";
  return `${whole(step.missing_count)} without a value ${verb}`;
}

function bar(share: number): HTMLElement {
  const element = h("span", { class: "funnel-bar" });
  element.style.setProperty("--share", `${Math.max(share * 100, share > 0 ? 0.6 : 0)}%`);
  return element;
}

function stepRow(step: FunnelStep, rows: number): HTMLElement {
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, step.label),
    h("td", { class: "end strong" }, whole(step.remaining)),
    h("td", { class: "bar-cell" }, bar(rows ? step.remaining / rows : 0)),
    h("td", { class: "end" }, step.removed ? `−${whole(step.removed)}` : "0"),
    h("td", {}, missingWords(step)),
  );
}

function table(page: Page, rows: number): HTMLElement {
  const heads = ["Filter", "Left", "", "Removed", "Missing values"].map((name, at) =>
    name ? h("th", { scope: "col", class: at === 1 || at === 3 ? "end" : "" }, name) : h("td"),
  );
  const all: FunnelStep = { step: "", label: "All alleles of the result", remaining: rows, removed: 0, missing: "none", missing_count: 0 };
  return h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...[all, ...page.funnel].map((step) => stepRow(step, rows))));
}

/** Show the funnel of an answer; none without filters. */
export function showFunnel(page: Page, rows: number): void {
  const box = byId<HTMLDetailsElement>("funnel");
  box.hidden = page.funnel.length === 0;
  if (box.hidden) return;
  const most = page.funnel.reduce((a, b) => (b.removed > a.removed ? b : a));
  fill(byId("funnel-words"), page.funnel.length === 1 ? "What this filter removes" : `What each of ${page.funnel.length} filters removes`);
  byId("funnel-words").append(h("small", {}, most.removed ? `most: ${most.label}, ${whole(most.removed)}` : "nothing"));
  fill(byId("funnel-steps"), table(page, rows));
}

/** How many pathogenic variants the frequency hides, as a link that shows them. */
export function showHidden(page: Page, params: URLSearchParams): void {
  const box = byId("hidden-pathogenic");
  box.hidden = page.hidden_pathogenic === 0;
  if (box.hidden) return fill(box);
  const filters = filtersOf(params);
  for (const name of ["max_af", "keep_missing_af", "clinical"]) filters.delete(name);
  filters.set("clinical", "pathogenic,likely_pathogenic");
  const target = withFilters(filters);
  const click = (event: MouseEvent): void => {
    event.preventDefault();
    go(target);
  };
  const words = `${counted(page.hidden_pathogenic, "variant")} that ClinVar calls pathogenic ${page.hidden_pathogenic === 1 ? "is" : "are"} hidden by the frequency filter.`;
  fill(box, words, " ", h("a", { href: addressOf(target), on: { click } }, "Show them"));
}
