// htmx, for parts of a page that the server renders anew. Its settings are in the <meta> of layout.html.
import htmx from "htmx.org";

import { showLocalTimes } from "./times.ts";

function tell(text: string): void {
  const notice = document.getElementById("notice");
  if (notice) notice.textContent = text;
}

/** Times of new parts become local; what the server refused is told instead of shown as a part. */
export function startHtmx(): void {
  document.addEventListener("htmx:after:swap", () => {
    tell("");
    showLocalTimes(document);
  });
  document.addEventListener("htmx:response:error", (event) => {
    const { status } = (event as CustomEvent<{ ctx: { response: { status: number } } }>).detail.ctx.response;
    // 401: the session has ended; the page itself leads to the login
    if (status === 401) location.reload();
    else tell("The server could not answer. Nothing is lost; please try again in a minute.");
  });
  document.addEventListener("htmx:error", () => tell("The connection was lost. Check it and try again."));
}

/** Change an element's content to that HTML and touch only what differs, so that focus and scroll stay. */
export async function morph(target: Element, html: string): Promise<void> {
  await htmx.swap({ text: html, sourceElement: target, target, swap: "innerMorph" });
}
