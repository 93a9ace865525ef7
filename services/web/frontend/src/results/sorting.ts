// `sort=-qual,pos`: the order of rows, by several columns.
import { change, listOf } from "./address.ts";
import type { Column } from "./columns.ts";

export interface SortKey {
  name: string;
  isDescending: boolean;
}

export const sortOf = (params: URLSearchParams): SortKey[] =>
  listOf(params, "sort").map((text) => ({ name: text.replace(/^-/, ""), isDescending: text.startsWith("-") }));

/** Where a column stands in the order, from 0; -1 where rows are not sorted by it. */
export const placeOf = (keys: readonly SortKey[], column: Column): number =>
  column.sortBy.length ? keys.findIndex(({ name }) => name === column.sortBy[column.sortBy.length - 1]) : -1;

/** One more click on a column: ascending, descending, not at all. `isAdded` keeps the order by others. */
export function clicked(keys: readonly SortKey[], column: Column, isAdded: boolean): SortKey[] {
  const old = keys[placeOf(keys, column)];
  const others = isAdded ? keys.filter(({ name }) => !column.sortBy.includes(name)) : [];
  if (old?.isDescending) return [...others];
  const isDescending = old !== undefined;
  return [...others, ...column.sortBy.map((name) => ({ name, isDescending }))];
}

export function goSorted(keys: readonly SortKey[]): void {
  const text = keys.map(({ name, isDescending }) => (isDescending ? `-${name}` : name)).join(",");
  change({ sort: text || null, cursor: null, page: null });
}
