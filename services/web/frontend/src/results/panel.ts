// The panel of filters beside the table can be put away, where the window is wide enough for both.
import { byId } from "./dom.ts";
import { recall, remember } from "./prefs.ts";

export function startPanel(): void {
  const button = byId("toggle-filters");
  const show = (isShown: boolean): void => {
    byId("filters").classList.toggle("away", !isShown);
    button.setAttribute("aria-expanded", String(isShown));
  };
  show(recall("panel", true));
  button.addEventListener("click", () => {
    const isShown = button.getAttribute("aria-expanded") !== "true";
    show(isShown);
    remember("panel", isShown);
  });
}
