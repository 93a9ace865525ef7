// Which columns are shown, and in which order: in the address, and remembered by the browser.
import { change, current, listOf } from "./address.ts";
import { type Column, defaultNames } from "./columns.ts";
import type { About } from "./api.ts";
import { byId, fill, h, icon } from "./dom.ts";
import { recall, remember } from "./prefs.ts";

const MOST_LISTED = 80;

export class ColumnChooser {
  private readonly all: ReadonlyMap<string, Column>;
  private readonly file: About;
  private shown: string[] = [];

  constructor(all: ReadonlyMap<string, Column>, file: About) {
    this.all = all;
    this.file = file;
    byId("columns-search").addEventListener("input", () => this.showHidden());
    byId("columns-default").addEventListener("click", () => this.set(this.defaults(current())));
  }

  /** The columns of a question: the address's, else those of the last time, else the usual ones. */
  columnsOf(params: URLSearchParams): Column[] {
    const names = listOf(params, "columns").filter((name) => this.all.has(name));
    const remembered = recall<string[]>("columns", []).filter((name) => this.all.has(name));
    this.shown = [names, remembered, this.defaults(params)].find(({ length }) => length > 0) ?? [];
    return this.shown.flatMap((name) => this.all.get(name) ?? []);
  }

  open(): void {
    this.show();
    byId<HTMLDialogElement>("columns-dialog").showModal();
  }

  private defaults(params: URLSearchParams): string[] {
    return defaultNames(this.file, params).filter((name) => this.all.has(name));
  }

  /** Give a column the place of another. */
  move(name: string, target: string): void {
    if (!this.shown.includes(name) || !this.shown.includes(target)) return;
    const others = this.shown.filter((other) => other !== name);
    const isRight = this.shown.indexOf(name) < this.shown.indexOf(target);
    others.splice(others.indexOf(target) + (isRight ? 1 : 0), 0, name);
    this.set(others);
  }

  /** Show these columns in this order; returns those that the file does not have. */
  use(names: readonly string[]): string[] {
    this.set(names.filter((name) => this.all.has(name)));
    return names.filter((name) => !this.all.has(name));
  }

  private set(names: readonly string[]): void {
    if (!names.length) return;
    const isDefault = names.join() === this.defaults(current()).join();
    this.shown = [...names];
    remember("columns", isDefault ? [] : names);
    change({ columns: isDefault ? null : names.join(",") }, "replace");
    this.show();
  }

  private show(): void {
    fill(byId("columns-shown"), ...this.shown.flatMap((name) => this.all.get(name) ?? []).map((column, at) => this.shownRow(column, at)));
    this.showHidden();
  }

  private shownRow(column: Column, at: number): HTMLElement {
    const button = (shape: string, label: string, isOff: boolean, action: () => void): HTMLElement => {
      const element = h("button", { class: "btn btn-sm", type: "button", disabled: isOff, "aria-label": `${label}: ${column.title}`, title: label }, icon(shape));
      element.addEventListener("click", action);
      return element;
    };
    const by = (step: number) => () => this.move(column.name, this.shown[at + step] ?? column.name);
    return h(
      "li",
      {},
      h("span", { class: "text-truncate", title: column.about }, column.title),
      button("chevron-up", "Move up", at === 0, by(-1)),
      button("chevron-down", "Move down", at === this.shown.length - 1, by(1)),
      button("x-lg", "Hide", this.shown.length === 1, () => this.set(this.shown.filter((name) => name !== column.name))),
    );
  }

  private showHidden(): void {
    const text = byId<HTMLInputElement>("columns-search").value.toLowerCase();
    const matches = (column: Column): boolean => `${column.name} ${column.title} ${column.about}`.toLowerCase().includes(text);
    const found = [...this.all.values()].filter((column) => !this.shown.includes(column.name) && matches(column)).slice(0, MOST_LISTED);
    const sections = [...new Set(found.map(({ group }) => group))].map((group) =>
      h("section", {}, h("h4", {}, group), ...found.filter((column) => column.group === group).map((column) => this.hiddenRow(column))),
    );
    fill(byId("columns-hidden"), ...sections);
  }

  private hiddenRow(column: Column): HTMLElement {
    const element = h("button", { class: "hidden-column", type: "button" }, icon("plus-lg"), h("span", {}, column.title), h("small", {}, column.about));
    element.addEventListener("click", () => this.set([...this.shown, column.name]));
    return element;
  }
}
