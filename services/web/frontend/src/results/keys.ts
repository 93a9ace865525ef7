// Keys of the page. They do nothing while someone types, and leave the browser's own combinations alone.
import { closeVariant, isVariantOpen } from "./address.ts";
import { byId, isTyping } from "./dom.ts";
import type { Grid } from "./grid.ts";
import { nextPage, previousPage } from "./pager.ts";

export interface KeyActions {
  open(): void;
  star(): void;
  select(): void;
  help(): void;
}

function step(grid: Grid, by: 1 | -1, actions: KeyActions): void {
  if (!grid.move(by)) return by > 0 ? nextPage() : previousPage();
  if (isVariantOpen()) actions.open();
}

const isMenuOpen = (): boolean => document.querySelector("dialog[open], .dropdown-menu.show, .offcanvas.show") !== null;

export function startKeys(grid: Grid, actions: KeyActions): void {
  const inGrid = (target: EventTarget | null): boolean => target instanceof Element && (target === document.body || target.closest("#frame, main") !== null);
  const keys: Record<string, () => void> = {
    j: () => step(grid, 1, actions),
    k: () => step(grid, -1, actions),
    s: actions.star,
    x: actions.select,
    "/": () => byId("filter-q").focus(),
    f: () => byId("filter-gene").focus(),
    "[": previousPage,
    "]": nextPage,
    "?": actions.help,
  };
  const ofRows: Record<string, () => void> = {
    ArrowDown: () => step(grid, 1, actions),
    ArrowUp: () => step(grid, -1, actions),
    Enter: actions.open,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isMenuOpen()) return;
    if (event.key === "Escape") {
      if (isTyping(event.target)) (event.target as HTMLElement).blur();
      else if (isVariantOpen()) closeVariant();
      return;
    }
    if (isTyping(event.target)) return;
    const target = event.target as Element;
    const isRow = target.matches("tr[data-key]") || target === document.body || target.id === "frame" || target.id === "main";
    const action = keys[event.key] ?? (isRow && inGrid(target) ? ofRows[event.key] : undefined);
    if (!action) return;
    event.preventDefault();
    action();
  });
}
