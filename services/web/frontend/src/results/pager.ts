// Pages of rows: the API gives a cursor for the next one; those of pages that were seen are kept for the way back.
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
/** Cursors of the pages that were seen, by question and number. */
const cursors = new Map<string, string>();

const nameOf = (params: URLSearchParams, page: number): string => {
  const question = withoutPage(params);
  question.delete("variant");
  return `${page} ${question}`;
};

export function nextPage(): void {
  if (!shown?.next_cursor) return;
  const params = current();
  params.set("page", String(pageOf(params) + 1));
  params.set("cursor", shown.next_cursor);
  go(params);
}

/** The page before; the first one if a link began in the middle. */
export function previousPage(): void {
  const params = current();
  if (!params.has("cursor")) return;
  const page = pageOf(params) - 1;
  const cursor = cursors.get(nameOf(params, page));
  const target = withoutPage(params);
  if (cursor && page > 1) {
    target.set("page", String(page));
    target.set("cursor", cursor);
  }
  go(target);
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
  cursors.set(nameOf(params, pageOf(params)), params.get("cursor") ?? "");
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
