// Sizes and times in words; sizes as the server writes them (web/pages/filters.py).
import type { Progress } from "./transfer.ts";

/** ``1.4 MB`` for 1,400,000 bytes; decimal units. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  let amount = bytes;
  for (const unit of ["kB", "MB", "GB"]) {
    amount /= 1000;
    if (amount < 1000) return `${amount.toFixed(1)} ${unit}`;
  }
  return `${(amount / 1000).toFixed(1)} TB`;
}

function wait(seconds: number): string {
  if (seconds < 60) return `about ${Math.max(1, Math.round(seconds))} s left`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${Math.round(seconds / 3600)} h left`;
}

export function progressText({ sentBytes, totalBytes, secondsLeft }: Progress): string {
  const text = `${size(sentBytes)} of ${size(totalBytes)} sent`;
  return secondsLeft === null ? text : `${text}, ${wait(secondsLeft)}`;
}
