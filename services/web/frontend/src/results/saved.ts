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

/** The list of saved filters in the menu. */
export const savedFilters = (box: HTMLElement, token: string): SavedList<{ query: string }> =>
  new SavedList<{ query: string }>(box, token, {
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
