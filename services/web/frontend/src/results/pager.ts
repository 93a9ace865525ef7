// Pages of rows: the API gives a cursor for the next one; the way back is the browser's own.
import { current, go, withoutPage } from "./address.ts";
import type { Page } from "./api.ts";
import { byId, fill, h, icon } from "./dom.ts";
import { recall, remember } from "./prefs.ts";
import { whole } from "./numbers.ts";

const SIZES = [50, 100, 200, 500];
const USUAL = 100;

export const limitOf = (params: URLSearchParams): number => {
  const asked = Number(params.get("limit") ?? recall("limit", USUAL));
  return SIZES.includes(asked) ? asked : USUAL;
};

const pageOf = (params: URLSearchParams): number => (params.has("cursor") ? Math.max(2, Number(params.get("page")) || 2) : 1);

/** The number of the first row that is shown, from 1. */
export const firstRow = (params: URLSearchParams): number => (pageOf(params) - 1) * limitOf(params) + 1;

let shown: Page | null = null;

export function nextPage(): void {
  if (!shown?.next_cursor) return;
  const params = current();
  params.set("page", String(pageOf(params) + 1));
  params.set("cursor", shown.next_cursor);
  go(params);
}

/** The page before is in the browser's history, but for a link that begins in the middle. */
export function previousPage(): void {
  const params = current();
  if (!params.has("cursor")) return;
  if (pageOf(params) === 2 || history.length < 2) go(withoutPage(params));
  else history.back();
}

function button(name: string, label: string, isOn: boolean, action: () => void): HTMLElement {
  const element = h("button", { class: "btn btn-sm btn-outline-secondary", type: "button", "aria-label": label, title: label, disabled: !isOn }, icon(name));
  element.addEventListener("click", action);
  return element;
}

function sizes(limit: number): HTMLElement {
  const options = SIZES.map((size) => h("option", { value: size, selected: size === limit }, `${size} rows`));
  const select = h("select", { class: "form-select form-select-sm", "aria-label": "Rows on a page" }, ...options);
  select.addEventListener("change", () => {
    remember("limit", Number(select.value));
    const params = withoutPage(current());
    params.set("limit", select.value);
    go(params);
  });
  return select;
}

export function showPager(page: Page, params: URLSearchParams): void {
  shown = page;
  const first = firstRow(params);
  const words = page.items.length ? `${whole(first)}–${whole(first + page.items.length - 1)} of ${whole(page.total)}` : "";
  const isFirst = !params.has("cursor");
  fill(
    byId("pager"),
    sizes(limitOf(params)),
    h("span", { class: "ms-auto" }, words),
    button("chevron-left", "Previous page ([)", !isFirst, previousPage),
    button("chevron-right", "Next page (])", page.next_cursor !== null, nextPage),
  );
}
