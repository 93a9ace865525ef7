// Tooltips of headers, as Bootstrap makes them.
import Tooltip from "bootstrap/js/dist/tooltip";

/** A tooltip under the button, for who points at it or comes to it by keys; dispose of it with the button. */
export const explain = (button: HTMLElement, text: string): Tooltip =>
  new Tooltip(button, { title: text, placement: "bottom", trigger: "hover focus", delay: { show: 400, hide: 0 } });
