// On every page: times in the reader's zone, confirmations, and parts that update themselves.
"use strict";

const LIVE_MILLISECONDS = 1000;
const LIVE_MAX_MILLISECONDS = 15000;

function showLocalTimes(root) {
  for (const time of root.querySelectorAll("time")) {
    const moment = new Date(time.dateTime);
    time.title = time.dateTime;
    time.textContent = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  }
}

function isLive(part) {
  return part.firstElementChild?.dataset.live === "yes";
}

async function refresh(part) {
  // An ended session redirects to the login, which must not be shown inside the page: an error here.
  const answer = await fetch(part.dataset.liveUrl, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  const html = await answer.text();
  // The token differs in every answer and would look like a change.
  const text = html.replace(/name="csrf_token" value="[^"]*"/g, "");
  if (text !== part.dataset.shown) {
    part.dataset.shown = text;
    part.innerHTML = html;
    showLocalTimes(part);
    return true;
  }
  return false;
}

// Fetches often while something changes, and less and less often while nothing does.
async function keepLive(part) {
  let pause = LIVE_MILLISECONDS;
  while (isLive(part)) {
    await new Promise((done) => setTimeout(done, pause));
    if (document.hidden) continue; // nobody looks at it
    try {
      const changed = await refresh(part);
      pause = changed ? LIVE_MILLISECONDS : Math.min(pause * 1.2, LIVE_MAX_MILLISECONDS);
    } catch {
      pause = Math.min(pause * 2, LIVE_MAX_MILLISECONDS);
    }
  }
}

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
document.addEventListener("change", (event) => {
  if (event.target.form?.hasAttribute("data-submit-on-change")) event.target.form.requestSubmit();
});
showLocalTimes(document);
for (const part of document.querySelectorAll("[data-live-url]")) keepLive(part);
