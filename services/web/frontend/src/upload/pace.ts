// How fast bytes go, over the last seconds.
const WINDOW_MILLISECONDS = 10_000;
const LEAST_MILLISECONDS = 1_000;

export class Pace {
  #samples: { at: number; bytes: number }[] = [];

  /** Note that so many bytes are sent by now. */
  note(bytes: number): void {
    const at = performance.now();
    const last = this.#samples.at(-1);
    if (last && bytes < last.bytes) this.#samples = []; // a request began anew
    if (last && at - last.at < 100) return;
    this.#samples.push({ at, bytes });
    while ((this.#samples[0]?.at ?? at) < at - WINDOW_MILLISECONDS) this.#samples.shift();
  }

  reset(): void {
    this.#samples = [];
  }

  /** Bytes a second; null while there is too little to tell from. */
  get bytesPerSecond(): number | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.at - first.at < LEAST_MILLISECONDS) return null;
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
  }
}
