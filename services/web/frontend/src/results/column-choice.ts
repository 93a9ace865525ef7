// Which columns are shown, and in which order: in the address, and remembered by the browser.
import { change, current, listOf } from "./address.ts";
import type { About } from "./api.ts";
import { type Column, defaultNames } from "./columns.ts";
import { recall, remember } from "./prefs.ts";

export class ColumnChoice {
  readonly all: ReadonlyMap<string, Column>;
  private readonly file: About;
  private names: string[] = [];
  private listener: () => void = () => undefined;

  constructor(all: ReadonlyMap<string, Column>, file: About) {
    this.all = all;
    this.file = file;
  }

  /** The names of those that are shown, in their order. */
  get shown(): readonly string[] {
    return this.names;
  }

  /** Be told of each choice; one listener. */
  onChange(listener: () => void): void {
    this.listener = listener;
  }

  /** The columns of a question: the address's, else those of the last time, else the usual ones. */
  columnsOf(params: URLSearchParams): Column[] {
    const names = listOf(params, "columns").filter((name) => this.all.has(name));
    const remembered = recall<string[]>("columns", []).filter((name) => this.all.has(name));
    this.names = [names, remembered, this.defaults(params)].find(({ length }) => length > 0) ?? [];
    return this.names.flatMap((name) => this.all.get(name) ?? []);
  }

  /** Give a column the place of another. */
  move(name: string, target: string): void {
    if (!this.names.includes(name) || !this.names.includes(target)) return;
    const others = this.names.filter((other) => other !== name);
    const isRight = this.names.indexOf(name) < this.names.indexOf(target);
    others.splice(others.indexOf(target) + (isRight ? 1 : 0), 0, name);
    this.set(others);
  }

  /** Show these columns in this order; returns those that the file does not have. */
  use(names: readonly string[]): string[] {
    this.set(names.filter((name) => this.all.has(name)));
    return names.filter((name) => !this.all.has(name));
  }

  /** Show the usual ones. */
  reset(): void {
    this.set(this.defaults(current()));
  }

  set(names: readonly string[]): void {
    if (!names.length) return;
    const isDefault = names.join() === this.defaults(current()).join();
    this.names = [...names];
    remember("columns", isDefault ? [] : names);
    change({ columns: isDefault ? null : names.join(",") }, "replace");
    this.listener();
  }

  private defaults(params: URLSearchParams): string[] {
    return defaultNames(this.file, params).filter((name) => this.all.has(name));
  }
}
