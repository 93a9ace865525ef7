// Sizes and times in words; sizes as the server writes them (web/pages/filters.py).

/** ``1.4 MB`` for 1,400,000 bytes; decimal units. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} bytes`;
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

/** ``1.0 MB of 4.0 MB sent, 500.0 kB/s, about 6 s left``; the speed may be unknown. */
export function progressText(sentBytes: number, totalBytes: number, bytesPerSecond: number | null): string {
  const text = `${size(sentBytes)} of ${size(totalBytes)} sent`;
  if (!bytesPerSecond) return text;
  return `${text}, ${size(bytesPerSecond)}/s, ${wait((totalBytes - sentBytes) / bytesPerSecond)}`;
}

/** ``3 samples: A, B, C``, at most so many names. */
export function samplesText(names: readonly string[], most = 6): string {
  if (!names.length) return "no samples";
  const count = names.length === 1 ? "1 sample" : `${names.length.toLocaleString("en")} samples`;
  return `${count}: ${names.slice(0, most).join(", ")}${names.length > most ? " …" : ""}`;
}

export const files = (count: number): string => (count === 1 ? "1 file" : `${count.toLocaleString("en")} files`);
