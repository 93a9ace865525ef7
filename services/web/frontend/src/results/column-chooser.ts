// The dialog in which columns are chosen.
import type { ColumnChoice } from "./column-choice.ts";
import type { Column } from "./columns.ts";
import { byId, fill, h, icon } from "./dom.ts";

const MOST_LISTED = 80;

export class ColumnChooser {
  private readonly choice: ColumnChoice;

  constructor(choice: ColumnChoice) {
    this.choice = choice;
    choice.onChange(() => this.show());
    byId("columns-search").addEventListener("input", () => this.showHidden());
    byId("columns-default").addEventListener("click", () => choice.reset());
  }

  open(): void {
    this.show();
    byId<HTMLDialogElement>("columns-dialog").showModal();
  }

  private show(): void {
    fill(byId("columns-shown"), ...this.choice.shown.flatMap((name) => this.choice.all.get(name) ?? []).map((column, at) => this.shownRow(column, at)));
    this.showHidden();
  }

  private shownRow(column: Column, at: number): HTMLElement {
    const button = (shape: string, label: string, isOff: boolean, action: () => void): HTMLElement => {
      const element = h("button", { class: "btn btn-sm", type: "button", disabled: isOff, "aria-label": `${label}: ${column.title}`, title: label }, icon(shape));
      element.addEventListener("click", action);
      return element;
    };
    const by = (step: number) => () => this.choice.move(column.name, this.choice.shown[at + step] ?? column.name);
    return h(
      "li",
      {},
      h("span", { class: "text-truncate", title: column.about }, ...names(column)),
      button("chevron-up", "Move up", at === 0, by(-1)),
      button("chevron-down", "Move down", at === this.choice.shown.length - 1, by(1)),
      button("x-lg", "Hide", this.choice.shown.length === 1, () => this.choice.set(this.choice.shown.filter((name) => name !== column.name))),
    );
  }

  private showHidden(): void {
    const text = byId<HTMLInputElement>("columns-search").value.toLowerCase();
    const matches = (column: Column): boolean => `${column.name} ${column.title} ${column.about}`.toLowerCase().includes(text);
    const found = [...this.choice.all.values()].filter((column) => !this.choice.shown.includes(column.name) && matches(column)).slice(0, MOST_LISTED);
    const sections = [...new Set(found.map(({ group }) => group))].map((group) =>
      h("section", {}, h("h4", {}, group), ...found.filter((column) => column.group === group).map((column) => this.hiddenRow(column))),
    );
    fill(byId("columns-hidden"), ...sections);
  }

  private hiddenRow(column: Column): HTMLElement {
    const element = h("button", { class: "hidden-column", type: "button" }, icon("plus-lg"), h("span", {}, ...names(column)), h("small", {}, column.about));
    element.addEventListener("click", () => this.choice.set([...this.choice.shown, column.name]));
    return element;
  }
}

/** What people call it, and what addresses, exports and expressions do where that is another word. */
function names({ title, name }: Column): (Node | string)[] {
  return title === name ? [title] : [title, " ", h("code", {}, name)];
}
