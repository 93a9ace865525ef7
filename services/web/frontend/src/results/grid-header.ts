// The head of the grid: sort by click, resize at the edge, move by dragging or by Alt and arrows.
import type { Column } from "./columns.ts";
import { h, icon } from "./dom.ts";
import { placeOf, type SortKey } from "./sorting.ts";

const NARROWEST = 56;
const WIDEST = 640;
const STEP = 16;

export interface HeaderActions {
  sort(column: Column, isAdded: boolean): void;
  /** Give `name` the place of `target`. */
  move(name: string, target: string): void;
  resize(name: string, width: number, isDone: boolean): void;
}

function arrow(keys: readonly SortKey[], place: number): HTMLElement | null {
  const key = keys[place];
  if (!key) return null;
  const order = keys.length > 1 ? h("small", {}, String(place + 1)) : null;
  return h("span", { class: "arrow", "aria-hidden": "true" }, key.isDescending ? "↓" : "↑", order);
}

function sortState(key: SortKey | undefined): string {
  if (!key) return "none";
  return key.isDescending ? "descending" : "ascending";
}

function title(column: Column, keys: readonly SortKey[], actions: HeaderActions): HTMLElement {
  const content = [h("span", { class: "text-truncate" }, column.title), arrow(keys, placeOf(keys, column))];
  const about = [column.about, column.source && `Source: ${column.source}`].filter(Boolean).join(" — ");
  const button = h(
    "button",
    { class: "head", type: "button", disabled: column.sortBy.length === 0 && !about, "data-column": column.name },
    ...content,
  );
  button.addEventListener("click", (event) => {
    if (column.sortBy.length) actions.sort(column, event.shiftKey);
  });
  if (about) explained(button, about);
  return button;
}

const tooltips = new Map<Element, { dispose(): void }>();

/** Made when someone comes to it: of twenty columns most are never asked about. */
function explained(button: HTMLElement, about: string): void {
  const make = async (event: Event): Promise<void> => {
    const { explain } = await import("./tooltip.ts");
    if (tooltips.has(button) || !button.isConnected) return;
    tooltips.set(button, explain(button, about));
    // the event that it was made too late for
    if (button.matches(":hover, :focus")) button.dispatchEvent(new Event(event.type, { bubbles: true }));
  };
  button.addEventListener("mouseover", (event) => void make(event), { once: true });
  button.addEventListener("focusin", (event) => void make(event), { once: true });
}

function grip(column: Column, cell: HTMLElement, actions: HeaderActions): HTMLElement {
  const element = h("span", { class: "grip", "aria-hidden": "true" });
  element.addEventListener("pointerdown", (down) => {
    down.preventDefault();
    element.setPointerCapture(down.pointerId);
    const before = cell.offsetWidth;
    const widthAt = (event: PointerEvent): number => limited(before + event.clientX - down.clientX);
    const onMove = (event: PointerEvent): void => actions.resize(column.name, widthAt(event), false);
    element.addEventListener("pointermove", onMove);
    element.addEventListener("pointerup", (up) => {
      element.removeEventListener("pointermove", onMove);
      actions.resize(column.name, widthAt(up), true);
    }, { once: true });
  });
  return element;
}

const limited = (width: number): number => Math.max(NARROWEST, Math.min(WIDEST, Math.round(width)));

function makeMovable(cell: HTMLElement, column: Column, actions: HeaderActions): void {
  const button = cell.firstElementChild as HTMLElement;
  button.draggable = true;
  button.addEventListener("dragstart", (event) => event.dataTransfer?.setData("text/x-gas-column", column.name));
  cell.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("text/x-gas-column")) return;
    event.preventDefault();
    cell.classList.add("drop");
  });
  cell.addEventListener("dragleave", () => cell.classList.remove("drop"));
  cell.addEventListener("drop", (event) => {
    event.preventDefault();
    cell.classList.remove("drop");
    const name = event.dataTransfer?.getData("text/x-gas-column");
    if (name && name !== column.name) actions.move(name, column.name);
  });
}

function onKey(event: KeyboardEvent, column: Column, columns: readonly Column[], cell: HTMLElement, actions: HeaderActions): void {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!event.altKey || !by) return;
  event.preventDefault();
  if (event.shiftKey) return actions.resize(column.name, limited(cell.offsetWidth + by * STEP), true);
  const target = columns[columns.indexOf(column) + by];
  if (target) actions.move(column.name, target.name);
}

function headCell(column: Column, columns: readonly Column[], keys: readonly SortKey[], isAffected: boolean, actions: HeaderActions): HTMLElement {
  const key = keys[placeOf(keys, column)];
  const sort = column.sortBy.length ? sortState(key) : false;
  const cell = h(
    "th",
    { scope: "col", role: "columnheader", "aria-sort": sort, class: column.isNumber ? "end" : "" },
    title(column, keys, actions),
    isAffected && h("span", { class: "affected", title: "affected", role: "img", "aria-label": "affected" }, icon("circle-fill")),
  );
  cell.append(grip(column, cell, actions));
  makeMovable(cell, column, actions);
  cell.addEventListener("keydown", (event) => onKey(event, column, columns, cell, actions));
  return cell;
}

/** The row of headers, after one for the marks. */
export function headerRow(
  columns: readonly Column[],
  keys: readonly SortKey[],
  affected: ReadonlySet<number>,
  actions: HeaderActions,
  first: HTMLElement,
): HTMLElement {
  const cells = columns.map((column) => headCell(column, columns, keys, affected.has(column.sample ?? 0), actions));
  return h("tr", { role: "row", "aria-rowindex": 1 }, first, ...cells);
}

/** Forget the tooltips of a head that is about to go. */
export function disposeHeader(): void {
  for (const tooltip of tooltips.values()) tooltip.dispose();
  tooltips.clear();
}
