// The address is the whole question: reading it, changing it, and telling when it changes.

/** What belongs to the page alone, and is not sent to the API. */
const OF_THE_PAGE = new Set(["variant", "page"]);
/** What does not change which rows are found. */
const OF_THE_VIEW = new Set(["variant", "page", "cursor", "limit", "columns", "sort", "share"]);

type Listener = (params: URLSearchParams) => void;
const listeners: Listener[] = [];

/** Longer questions, such as thousands of genes, stand behind `#`: servers refuse such addresses. */
const LONGEST_QUERY = 3500;

export function current(): URLSearchParams {
  return new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(1) : location.search);
}

export const onChange = (listener: Listener): void => void listeners.push(listener);

/** Values of a parameter that may be repeated or comma separated. */
export function listOf(params: URLSearchParams, name: string): string[] {
  return params.getAll(name).flatMap((text) => text.split(",")).map((text) => text.trim()).filter(Boolean);
}

/** The samples of which a question asks a genotype or a role; names may have colons. */
export function namedSamples(params: URLSearchParams): string[] {
  return [...params.getAll("genotype"), ...params.getAll("family")].map((text) => text.slice(0, text.lastIndexOf(":")));
}

/** Without empty values and without what filters nothing. */
export function filtersOf(params: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...params].filter(([name, value]) => value !== "" && !OF_THE_VIEW.has(name)));
}

/** What of the address the API answers. */
export function forApi(params: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...params].filter(([name, value]) => value !== "" && !OF_THE_PAGE.has(name)));
}

/** The same view of other filters. */
export function withFilters(filters: URLSearchParams): URLSearchParams {
  const view = [...current()].filter(([name]) => OF_THE_VIEW.has(name) && name !== "variant");
  return withoutPage(new URLSearchParams([...filters, ...view]));
}

/** The same from the first page on: a cursor belongs to one question. */
export function withoutPage(params: URLSearchParams): URLSearchParams {
  const first = new URLSearchParams(params);
  first.delete("cursor");
  first.delete("page");
  return first;
}

/** Remove all that a step asks, as a question. */
export function withoutStep(params: URLSearchParams, step: string): URLSearchParams {
  return withFilters(new URLSearchParams([...filtersOf(params)].filter(([name]) => name !== step)));
}

/** The query as people like to read it: colons and commas as they are. */
export function written(params: URLSearchParams): string {
  const text = params.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  return text && `?${text}`;
}

export function addressOf(params: URLSearchParams): string {
  const query = written(params);
  if (query.length <= LONGEST_QUERY) return location.pathname + query;
  const share = params.get("share");
  return `${location.pathname}${written(new URLSearchParams(share ? { share } : {}))}#${query}`;
}

/** Go to that question. `replace` makes no step for the back button. */
export function go(params: URLSearchParams, how: "push" | "replace" = "push"): void {
  const address = addressOf(params);
  if (address === location.pathname + location.search + location.hash) return;
  if (how === "push") history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  tell();
}

/** Change single parameters of the present question; null removes one. */
export function change(changes: Record<string, string | null>, how: "push" | "replace" = "push"): void {
  const params = current();
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) params.delete(name);
    else params.set(name, value);
  }
  go(params, how);
}

/** The filters, the order and the columns, for a page that leads back here; nothing of a question that is too long for an address. */
export function forOtherPages(): URLSearchParams {
  const kept = new URLSearchParams([...current()].filter(([name, value]) => value !== "" && !["variant", "page", "cursor", "limit", "share"].includes(name)));
  return written(kept).length <= LONGEST_QUERY ? kept : new URLSearchParams();
}

/** Whether a variant is open beside the table. */
export const isVariantOpen = (): boolean => current().has("variant");

/** Open a variant beside the table; the back button closes it, however many were looked at. */
export const openVariant = (key: string): void => change({ variant: key }, isVariantOpen() ? "replace" : "push");

export const closeVariant = (): void => change({ variant: null });

function tell(): void {
  const params = current();
  for (const listener of listeners) listener(params);
}

/** Begin to follow the back and forward buttons. */
export function start(): void {
  addEventListener("popstate", tell);
  tell();
}
