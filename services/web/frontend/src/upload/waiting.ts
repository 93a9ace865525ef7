// Waiting that can be ended: pauses between attempts, and turns at something that few may use at once.
const LONGEST_PAUSE_MILLISECONDS = 30_000;

/** Resolves after so long, earlier if the browser comes back online; rejects if the signal is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    if (signal.aborted) return fail(signal.reason);
    const end = (): void => {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      if (signal.aborted) fail(signal.reason);
      else done();
    };
    const timer = window.setTimeout(end, milliseconds);
    window.addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}

/** The pause after that many failed attempts, 0 for the first: 1 s, 2 s, 4 s … 30 s. */
export const backoff = (failed: number, signal: AbortSignal): Promise<void> =>
  pause(Math.min(LONGEST_PAUSE_MILLISECONDS, 1000 * 2 ** Math.min(failed, 10)), signal);

/** What the promise gives; rejects before that if the signal is aborted. */
export function unlessAborted<Result>(signal: AbortSignal, promise: Promise<Result>): Promise<Result> {
  const aborted = new Promise<never>((_, fail) => {
    if (signal.aborted) fail(signal.reason);
    signal.addEventListener("abort", () => fail(signal.reason));
  });
  return Promise.race([promise, aborted]);
}

/** Lets so many in at once; the others wait in their order. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Do the work when it is its turn. Rejects, without the work, if the signal is aborted before. */
  async use<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((enter, fail) => {
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        fail(signal.reason);
      };
      const turn = (): void => {
        signal.removeEventListener("abort", giveUp);
        enter();
      };
      this.#waiting.push(turn);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
