// What every page does: local times, confirmations, and parts that keep themselves up to date.
"use strict";

const LIVE_MILLISECONDS = 1000;
const LIVE_SLOWEST_MILLISECONDS = 15000;

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
  const answer = await fetch(part.dataset.liveUrl, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  const html = await answer.text();
  const text = html.replace(/name="csrf_token" value="[^"]*"/g, ""); // new in every answer
  if (text !== part.dataset.shown) {
    part.dataset.shown = text;
    part.innerHTML = html;
    showLocalTimes(part);
    return true;
  }
  return false;
}

// Ask often while things change, ever more rarely while they do not.
async function keepLive(part) {
  let pause = LIVE_MILLISECONDS;
  while (isLive(part)) {
    await new Promise((done) => setTimeout(done, pause));
    if (document.hidden) continue;
    try {
      const changed = await refresh(part);
      pause = changed ? LIVE_MILLISECONDS : Math.min(pause * 1.2, LIVE_SLOWEST_MILLISECONDS);
    } catch {
      pause = Math.min(pause * 2, LIVE_SLOWEST_MILLISECONDS);
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
