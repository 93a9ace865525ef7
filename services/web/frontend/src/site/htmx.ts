// htmx, for parts of a page that the server renders anew. Its settings are in the <meta> of layout.html.
// Most pages have no such part, so it is loaded with the first one that changes.
import { showLocalTimes } from "./times.ts";

/** Times of new parts become local. */
export function startHtmx(): void {
  document.addEventListener("htmx:after:swap", () => showLocalTimes(document));
}

/** Change an element's content to that HTML and touch only what differs, so that focus and scroll stay. */
export async function morph(target: Element, html: string): Promise<void> {
  const { default: htmx } = await import("htmx.org");
  await htmx.swap({ text: html, sourceElement: target, target, swap: "innerMorph" });
}
