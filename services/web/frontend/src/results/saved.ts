// One's own saved filters, in the menu beside the presets.
import { current, filtersOf, go, withFilters, written } from "./address.ts";
import { chipsOf } from "./chips.ts";
import { SavedList } from "./saved-list.ts";

/** Go to a saved question in the present view. */
export function applied(query: string): void {
  go(withFilters(filtersOf(new URLSearchParams(query))));
}

/** What a saved question asks, in words. */
export const wordsOf = (query: string): string => chipsOf(new URLSearchParams(query)).map(({ text }) => text).join(" · ");

/** Load saved filters when their menu is opened. */
export function startSaved(token: string): void {
  const box = document.getElementById("saved");
  if (!box) return;
  const saved = new SavedList<{ query: string }>(box, token, {
    root: "/api/v1/filters",
    noun: "filter",
    none: "None yet. Set filters, then save them here.",
    label: "Name of the present filters",
    present: () => {
      const query = written(filtersOf(current())).slice(1);
      return query ? { query } : null;
    },
    nothing: "There is no filter to save yet.",
    bodyOf: ({ query }) => ({ query }),
    words: ({ query }) => wordsOf(query),
    use: ({ query }) => applied(query),
  });
  box.parentElement?.addEventListener("show.bs.dropdown", () => saved.load());
}
