// The grid of rows: an accessible table, with one row that keys move, and marks at its beginning.
//
// Tabulator 6.5 was tried first: it runs under our policy, but it is 102 KB, pages by number while the API pages by
// cursor, its rows cannot be reached by keys, and axe finds its grid's roles broken (aria-required-children).
import type { Row } from "./api.ts";
import type { Column } from "./columns.ts";
import { fill, h, icon } from "./dom.ts";
import { disposeHeader, headerRow, type HeaderActions } from "./grid-header.ts";
import { LaterRows } from "./later-rows.ts";
import { recall, remember } from "./prefs.ts";
import type { SortKey } from "./sorting.ts";

const MARKS_WIDTH = 62;
const SKELETON_ROWS = 14;

export interface GridActions extends Omit<HeaderActions, "resize"> {
  open(row: Row): void;
  star(row: Row): void;
  select(keys: ReadonlySet<string>): void;
}

export interface Look {
  columns: readonly Column[];
  sort: readonly SortKey[];
  /** Numbers of the samples that are affected. */
  affected: ReadonlySet<number>;
}

export class Grid {
  private readonly table: HTMLTableElement;
  private readonly actions: GridActions;
  private rows: readonly Row[] = [];
  private look: Look = { columns: [], sort: [], affected: new Set() };
  private widths = recall<Record<string, number>>("widths", {});
  private readonly selected = new Set<string>();
  private starred: ReadonlySet<string> = new Set();
  private active = 0;
  private opened: string | null = null;
  private readonly later: LaterRows;
  canStar = false;

  constructor(table: HTMLTableElement, actions: GridActions) {
    this.table = table;
    this.actions = actions;
    this.later = new LaterRows(this.body, table.parentElement as HTMLElement);
    table.addEventListener("click", (event) => this.onClick(event));
    table.addEventListener("change", (event) => this.onTick(event.target as HTMLInputElement));
    table.addEventListener("focusin", (event) => this.onFocus(event.target as HTMLElement));
  }

  /** Rows, in the look; `first` is the number of the first of all that were found, from 1. */
  show(rows: readonly Row[], look: Look, total: number, first: number): void {
    this.rows = rows;
    this.active = Math.min(this.active, Math.max(0, rows.length - 1));
    this.table.setAttribute("aria-rowcount", String(total + 1));
    this.table.setAttribute("aria-colcount", String(look.columns.length + 1));
    this.showHead(look);
    this.later.show(rows.length, (from, to) => rows.slice(from, to).map((row, at) => this.rowElement(row, from + at, first + from + at)));
    this.setBusy(false);
  }

  /** Grey rows while the answer is awaited. */
  showSkeleton(look: Look): void {
    this.rows = [];
    this.later.forget();
    this.showHead(look);
    const cells = () => look.columns.map(() => h("td", {}, h("span", { class: "skeleton" })));
    fill(this.body, ...Array.from({ length: SKELETON_ROWS }, () => h("tr", { class: "waiting", "aria-hidden": "true" }, h("td"), ...cells())));
    this.setBusy(true);
  }

  /** The present rows stay, dimmed. */
  setBusy(isBusy: boolean): void {
    if (isBusy) this.table.setAttribute("aria-busy", "true");
    else this.table.removeAttribute("aria-busy");
  }

  get isEmpty(): boolean {
    return this.rows.length === 0;
  }

  get activeRow(): Row | undefined {
    return this.rows[this.active];
  }

  /** Move the active row; false at an end. */
  move(by: number): boolean {
    const next = this.active + by;
    if (next < 0 || next >= this.rows.length) return false;
    this.later.all();
    this.activate(next);
    this.rowElements[next]?.focus();
    return true;
  }

  /** Mark the row of the variant that is open, if it is on the page. */
  markOpen(key: string | null): void {
    this.opened = key;
    for (const element of this.rowElements) element.classList.toggle("open", element.dataset.key === key);
    const at = this.rows.findIndex((row) => row.key === key);
    if (at >= 0) this.activate(at);
  }

  setStarred(keys: ReadonlySet<string>): void {
    this.starred = keys;
    for (const element of this.rowElements) {
      const button = element.querySelector<HTMLButtonElement>(".star");
      if (button) showStar(button, keys.has(element.dataset.key ?? ""));
    }
  }

  /** Select the active row, or no longer. */
  toggleActive(): void {
    this.rowElements[this.active]?.querySelector<HTMLInputElement>("input")?.click();
  }

  private get body(): HTMLTableSectionElement {
    return this.table.tBodies[0] as HTMLTableSectionElement;
  }

  private get rowElements(): HTMLTableRowElement[] {
    return [...this.body.rows].filter((row) => row.dataset.key);
  }

  private showHead(look: Look): void {
    this.look = look;
    const head = this.table.tHead as HTMLTableSectionElement;
    const focused = (document.activeElement as HTMLElement | null)?.dataset.column;
    disposeHeader();
    const marks = h("th", { scope: "col", role: "columnheader", class: "marks" }, h("span", { class: "visually-hidden" }, "Marks"));
    const actions = { ...this.actions, resize: (name: string, width: number, isDone: boolean) => this.resize(name, width, isDone) };
    head.replaceChildren(headerRow(look.columns, look.sort, look.affected, actions, marks));
    this.showWidths();
    if (focused) head.querySelector<HTMLElement>(`[data-column="${CSS.escape(focused)}"]`)?.focus();
  }

  /** The width that someone gave to the column, null for its own. */
  widthOf(name: string): number | null {
    return this.widths[name] ?? null;
  }

  /** Give these columns their widths; null takes back what someone gave. */
  setWidths(columns: readonly { name: string; width: number | null }[]): void {
    const given = columns.flatMap(({ name, width }) => (width === null ? [] : [[name, width] as const]));
    const names = new Set(columns.map(({ name }) => name));
    const others = Object.entries(this.widths).filter(([name]) => !names.has(name));
    this.widths = Object.fromEntries([...others, ...given]);
    remember("widths", this.widths);
    this.showWidths();
  }

  private showWidths(): void {
    const widths = [MARKS_WIDTH, ...this.look.columns.map((column) => this.widths[column.name] ?? column.width)];
    const columns = widths.map((width) => {
      const element = h("col");
      element.style.width = `${width}px`;
      return element;
    });
    fill(this.table.querySelector("colgroup") as HTMLElement, ...columns);
    this.table.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}px`;
  }

  private resize(name: string, width: number, isDone: boolean): void {
    this.widths = { ...this.widths, [name]: width };
    this.showWidths();
    if (isDone) remember("widths", this.widths);
  }

  private rowElement(row: Row, at: number, number: number): HTMLElement {
    const isSelected = this.selected.has(row.key);
    const cells = this.look.columns.map((column) =>
      h("td", { role: "gridcell", class: cellClass(column, this.look.affected) }, column.cell(row)),
    );
    return h(
      "tr",
      { role: "row", tabindex: at === this.active ? 0 : -1, "data-key": row.key, class: row.key === this.opened ? "open" : false, "aria-rowindex": number + 1, "aria-selected": String(isSelected) },
      h("td", { role: "gridcell", class: "marks" }, this.tick(row, isSelected), this.canStar && this.star(row)),
      ...cells,
    );
  }

  private tick(row: Row, isSelected: boolean): HTMLElement {
    const label = `Select ${String(row.symbol ?? "")} ${String(row.contig ?? "")}:${String(row.pos ?? row.key)}`;
    const input = h("input", { type: "checkbox", class: "form-check-input", tabindex: -1, "aria-label": label });
    input.checked = isSelected;
    return input;
  }

  private star(row: Row): HTMLElement {
    const button = h("button", { class: "star", type: "button", tabindex: -1 });
    showStar(button, this.starred.has(row.key));
    return button;
  }

  private onClick(event: MouseEvent): void {
    const target = event.target as Element;
    const element = target.closest<HTMLElement>("tr[data-key]");
    const row = this.rows.find(({ key }) => key === element?.dataset.key);
    if (!row || target.closest("input, [data-copy], a")) return;
    if (target.closest(".star")) return this.actions.star(row);
    // who marks text to copy it does not want the drawer
    if (getSelection()?.toString()) return;
    this.activate(this.rows.indexOf(row));
    this.actions.open(row);
  }

  private onTick(input: HTMLInputElement): void {
    const element = input.closest<HTMLElement>("tr[data-key]");
    const key = element?.dataset.key;
    if (!key) return;
    if (input.checked) this.selected.add(key);
    else this.selected.delete(key);
    element.setAttribute("aria-selected", String(input.checked));
    this.actions.select(this.selected);
  }

  private onFocus(target: HTMLElement): void {
    const at = this.rowElements.indexOf(target as HTMLTableRowElement);
    if (at >= 0) this.activate(at);
  }

  private activate(at: number): void {
    const elements = this.rowElements;
    elements[this.active]?.setAttribute("tabindex", "-1");
    this.active = at;
    elements[at]?.setAttribute("tabindex", "0");
  }
}

function cellClass(column: Column, affected: ReadonlySet<number>): string {
  return [column.isNumber && "end", affected.has(column.sample ?? 0) && "of-affected"].filter(Boolean).join(" ");
}

function showStar(button: HTMLButtonElement, isOn: boolean): void {
  fill(button, icon(isOn ? "star-fill" : "star"));
  button.setAttribute("aria-pressed", String(isOn));
  button.setAttribute("aria-label", isOn ? "Remove the star" : "Star this variant");
  button.classList.toggle("on", isOn);
}
