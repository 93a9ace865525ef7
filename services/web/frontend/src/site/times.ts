// Times are sent in UTC and shown in the reader's zone.
export function showLocalTimes(root: ParentNode): void {
  const times = root.querySelectorAll<HTMLTimeElement>("time[datetime]");
  if (!times.length) return; // the first formatter of a page takes the browser as long as all else here
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
  for (const time of times) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    time.title = exact.format(moment);
    time.textContent = format.format(moment);
  }
}

const UNITS: [number, string][] = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** ``4 minutes 12 seconds``: the two largest units that are not zero. */
export function timeLeft(milliseconds: number): string {
  let seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const parts: string[] = [];
  for (const [length, name] of UNITS) {
    const count = Math.floor(seconds / length);
    seconds -= count * length;
    if (count) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
  }
  return parts.slice(0, 2).join(" ") || "a moment";
}

/** Count down to the moments of data-until, once a second, also in parts that come later. */
export function startCountdowns(): void {
  const show = (): void => {
    for (const place of document.querySelectorAll<HTMLElement>("[data-until]"))
      place.textContent = timeLeft(new Date(place.dataset.until ?? "").getTime() - Date.now());
  };
  show();
  setInterval(show, 1000);
}
