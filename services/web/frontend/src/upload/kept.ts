// What the browser remembers of unfinished uploads, so that after a reload only missing parts are sent.
import type { Wishes } from "./api.ts";

const PREFIX = "gas-uploads:";

/** By what a file is recognised: `sha256` is that of its first bytes. */
export interface Print {
  name: string;
  size: number;
  lastModified: number;
  sha256: string;
}

export interface Kept extends Print {
  uploadId: string;
  /** Null for a file that is sent in one request. */
  partBytes: number | null;
  /** All is sent; only the job is missing. */
  isSent: boolean;
  expiresAt: string;
  wishes: Wishes;
}

export class Memory {
  readonly #key: string;
  readonly #onForgotten: (uploadId: string) => void;

  /** Each user of a browser has a memory of their own. */
  constructor(user: string, onForgotten: (uploadId: string) => void) {
    this.#key = PREFIX + user;
    this.#onForgotten = onForgotten;
  }

  all(): Kept[] {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key) ?? "[]") as Kept[];
      return kept.filter(({ expiresAt }) => Date.parse(expiresAt) > Date.now());
    } catch {
      return []; // storage may be forbidden, or have what another version wrote
    }
  }

  /** Forget what is over. */
  clean(): void {
    this.#write(this.all());
  }

  put(kept: Kept): void {
    this.#write([...this.all().filter(({ uploadId }) => uploadId !== kept.uploadId), kept]);
  }

  forget(id: string): void {
    this.#write(this.all().filter(({ uploadId }) => uploadId !== id));
    this.#onForgotten(id);
  }

  #write(all: readonly Kept[]): void {
    try {
      if (all.length) localStorage.setItem(this.#key, JSON.stringify(all));
      else localStorage.removeItem(this.#key);
    } catch {
      // without storage an upload begins anew after a reload
    }
  }
}

/** Whether it is the very file, as far as can be told without reading all of it. */
export const isSame = (one: Print, other: Print): boolean =>
  one.name === other.name &&
  one.size === other.size &&
  one.lastModified === other.lastModified &&
  one.sha256 === other.sha256;

const lockOf = (id: string): string => `gas-upload:${id}`;

/** Hold the upload for this tab until the signal is aborted, so that others leave it alone. */
export function holdFor(id: string, signal: AbortSignal): void {
  void navigator.locks?.request(lockOf(id), { ifAvailable: true }, (lock) =>
    lock && !signal.aborted ? new Promise<void>((end) => signal.addEventListener("abort", () => end())) : undefined,
  );
}

/** The uploads that other tabs are sending now. */
export async function heldElsewhere(all: readonly Kept[]): Promise<Set<string>> {
  const held = (await navigator.locks?.query())?.held ?? [];
  const names = new Set(held.map(({ name }) => name));
  return new Set(all.map(({ uploadId }) => uploadId).filter((id) => names.has(lockOf(id))));
}
