// Parts of a page that update themselves: an element with data-live-url, whose first child says with
// data-live="yes" that something can still change. With data-live-events the server tells when to ask;
// without, or where it cannot, the page asks by itself.
import { follow } from "./events.ts";
import { morph } from "./htmx.ts";

const SHORTEST_MILLISECONDS = 1000;
const LONGEST_MILLISECONDS = 15_000;
const REQUEST_MILLISECONDS = 20_000;

// A form that was sent says where to go next: a page on its way must not be loaded again under it.
let isLeaving = false;
let leaving = new AbortController();

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

function untilVisible(): Promise<void> {
  return new Promise((done) => {
    if (!document.hidden) return done();
    document.addEventListener("visibilitychange", () => done(), { once: true });
  });
}

// Nothing is asked under the answer to a form, unless that leaves the page where it is, as a download does.
function untilHere(): Promise<void> {
  if (!isLeaving) return Promise.resolve();
  const isBack = new Promise<void>((done) => window.addEventListener("pageshow", () => done(), { once: true }));
  return Promise.race([isBack, pause(LONGEST_MILLISECONDS)]);
}

function isLive(part: HTMLElement): boolean {
  return (part.firstElementChild as HTMLElement | null)?.dataset.live === "yes";
}

class SessionOver extends Error {}

function tellSessionOver(): void {
  const notice = document.getElementById("notice");
  const link = document.createElement("a");
  link.className = "alert-link";
  link.href = location.href;
  link.textContent = "Log in again";
  notice?.replaceChildren("Your session is over, so this page does not follow any more. ", link, " to see how things are now.");
}

interface Answer {
  html: string | null; // null: as it was
  tag: string;
}

async function fetchPart(url: string, tag: string): Promise<Answer> {
  // An ended session redirects to the login, which must not be shown inside the page: an error here.
  const answer = await fetch(url, {
    redirect: "error",
    headers: tag ? { "If-None-Match": tag } : {},
    signal: AbortSignal.any([AbortSignal.timeout(REQUEST_MILLISECONDS), leaving.signal]),
  });
  if (answer.status === 304) return { html: null, tag };
  if (answer.status === 401) throw new SessionOver();
  // Deleted meanwhile, perhaps in another tab: the page itself says so, and what to do.
  if ((answer.status === 404 || answer.status === 410) && !isLeaving) location.reload();
  if (!answer.ok) throw new Error(String(answer.status));
  return { html: await answer.text(), tag: answer.headers.get("ETag") ?? "" };
}

// The form token differs in every answer and would look like a change.
const withoutToken = (html: string): string => html.replaceAll(/name="csrf_token" value="[^"]*"/g, "");

// Asks often while something changes, less and less often while nothing does, and never while nobody looks.
async function keepLive(part: HTMLElement, url: string): Promise<void> {
  let milliseconds = SHORTEST_MILLISECONDS;
  let shown = "";
  let tag = "";
  const events = part.dataset.liveEvents;
  while (isLive(part)) {
    const isTold = events ? await follow(part, events) : false;
    if (!isTold) await pause(milliseconds);
    await untilVisible();
    await untilHere();
    try {
      const answer = await fetchPart(url, tag);
      const changed = answer.html !== null && withoutToken(answer.html) !== shown;
      if (changed) await morph(part, answer.html ?? "");
      if (answer.html !== null) shown = withoutToken(answer.html);
      tag = answer.tag;
      milliseconds = changed ? SHORTEST_MILLISECONDS : Math.min(milliseconds * 1.2, LONGEST_MILLISECONDS);
    } catch (error) {
      if (error instanceof SessionOver) return tellSessionOver();
      milliseconds = Math.min(milliseconds * 2, LONGEST_MILLISECONDS);
    }
  }
}

export function startLiveParts(): void {
  // On the window, after those who ask first or send the form themselves have prevented it.
  window.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    isLeaving = true;
    leaving.abort();
    leaving = new AbortController();
  });
  window.addEventListener("pageshow", () => (isLeaving = false));
  for (const part of document.querySelectorAll<HTMLElement>("[data-live-url]")) {
    void keepLive(part, part.dataset.liveUrl ?? "");
  }
}
