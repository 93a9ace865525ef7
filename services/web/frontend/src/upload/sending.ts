// How a file's bytes get to the storage: a small one with one form, a larger one in parts.
import { type Api, type FormUpload, type OnTrouble, type PartsUpload, Refused } from "./api.ts";
import { Lost, send, StorageRefusal } from "./request.ts";
import { backoff, Turns } from "./waiting.ts";

/** Larger files are sent in parts. */
export const FORM_BYTES = 8 << 20;
const MOST_ROUNDS = 5;
const MOST_REFUSALS = 3;
const SIGNED_AT_ONCE = 20;
const ADDRESS_MILLISECONDS = 50 * 60_000; // they work for an hour
const LOST = "The connection is lost. The upload goes on by itself when it is back.";
// Browsers open six connections to one address.
const connections = new Turns(4);

/** The file is not any more what it was when it was chosen, so no part of it may be sent. */
export class FileChanged extends Error {}

export interface Errand {
  file: File;
  api: Api;
  signal: AbortSignal;
  onTrouble: OnTrouble;
  onSent: (bytes: number) => void;
}

/** Send the whole file with the form that was announced; rejects with StorageRefusal if that is over. */
export async function sendForm(errand: Errand, upload: FormUpload): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
  form.append("file", errand.file); // last: S3 ignores every field after the file
  const onSent = (bytes: number): void => errand.onSent(Math.min(bytes, errand.file.size)); // the form has more
  await persist(errand, errand.file, () =>
    connections.use(errand.signal, () => send("POST", upload.url, form, errand.signal, onSent)),
  );
}

/** Send what the storage does not have of the file, and have it completed. */
export async function sendParts(errand: Errand, upload: PartsUpload): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    try {
      await sendMissing(errand, upload);
      await errand.api.complete(upload.upload_id);
      return;
    } catch (error) {
      // The list of the next round tells whether the upload is still there.
      const isRepeatable = error instanceof StorageRefusal || (error instanceof Refused && error.slug === "upload-incomplete");
      if (!isRepeatable || round === MOST_ROUNDS - 1) throw error;
    }
  }
}

async function sendMissing(errand: Errand, upload: PartsUpload): Promise<void> {
  const { parts } = await errand.api.list(upload.upload_id);
  const there = new Set(parts.map((part) => part.part_number));
  const missing = Array.from({ length: upload.part_count }, (_, index) => index + 1).filter((n) => !there.has(n));
  const sent = new SentBytes(parts.reduce((sum, part) => sum + part.size_bytes, 0), errand.onSent);
  const stop = new AbortController(); // one part that fails stops the others
  const signal = AbortSignal.any([errand.signal, stop.signal]);
  const addresses = new Addresses(errand.api, upload.upload_id, missing);
  const queue = [...missing];
  const work = async (): Promise<void> => {
    for (let number = queue.shift(); number !== undefined; number = queue.shift()) {
      await sendPart({ ...errand, signal }, upload, number, addresses, sent);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(4, missing.length) }, work));
  } catch (error) {
    stop.abort(error);
    throw error;
  }
}

async function sendPart(
  errand: Errand,
  upload: PartsUpload,
  number: number,
  addresses: Addresses,
  sent: SentBytes,
): Promise<void> {
  const begin = (number - 1) * upload.part_bytes;
  const part = errand.file.slice(begin, begin + upload.part_bytes);
  for (let refusals = 0; ; refusals += 1) {
    try {
      await persist(errand, part, async () => {
        const address = await addresses.of(number);
        await connections.use(errand.signal, () =>
          send("PUT", address, part, errand.signal, (bytes) => sent.onTheWay(number, bytes)),
        );
      });
      return sent.arrived(number, part.size);
    } catch (error) {
      if (!(error instanceof StorageRefusal) || refusals >= MOST_REFUSALS) throw error;
      addresses.drop(number); // it may be over
    } finally {
      sent.onTheWay(number, 0);
    }
  }
}

// Try again until the connection is back, however long that takes.
async function persist({ signal, onTrouble }: Errand, data: Blob, attempt: () => Promise<void>): Promise<void> {
  for (let failed = 0; ; failed += 1) {
    try {
      await attempt();
      onTrouble(null);
      return;
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      await mustBeReadable(data);
      onTrouble(LOST);
      await backoff(failed, signal);
    }
  }
}

// Browsers refuse to read a file that was changed since it was chosen; a request then only fails.
async function mustBeReadable(data: Blob): Promise<void> {
  try {
    await data.slice(0, 1).arrayBuffer();
  } catch {
    throw new FileChanged(
      "The file was changed, moved or deleted while it was sent, so it was stopped. Remove it here, and choose it again.",
    );
  }
}

/** Counts the bytes of all parts of a file, those on the way too. */
class SentBytes {
  #arrived: number;
  readonly #onTheWay = new Map<number, number>();
  readonly #tell: (bytes: number) => void;

  constructor(arrived: number, tell: (bytes: number) => void) {
    this.#arrived = arrived;
    this.#tell = tell;
    tell(arrived);
  }

  arrived(number: number, bytes: number): void {
    this.#arrived += bytes;
    this.onTheWay(number, 0);
  }

  onTheWay(number: number, bytes: number): void {
    this.#onTheWay.set(number, bytes);
    this.#tell([...this.#onTheWay.values()].reduce((sum, each) => sum + each, this.#arrived));
  }
}

/** The signed addresses of the parts, asked for some at a time. */
class Addresses {
  readonly #api: Api;
  readonly #id: string;
  readonly #numbers: readonly number[];
  readonly #known = new Map<number, { until: number; url: Promise<string> }>();

  constructor(api: Api, id: string, numbers: readonly number[]) {
    this.#api = api;
    this.#id = id;
    this.#numbers = numbers;
  }

  of(number: number): Promise<string> {
    const known = this.#known.get(number);
    if (known && known.until > Date.now()) return known.url;
    const first = this.#numbers.indexOf(number);
    const asked = this.#numbers.slice(first, first + SIGNED_AT_ONCE);
    const signed = this.#api.sign(this.#id, asked);
    signed.catch(() => asked.forEach((each) => this.#known.delete(each)));
    const until = Date.now() + ADDRESS_MILLISECONDS;
    for (const each of asked) {
      const url = signed.then((parts) => parts.find((part) => part.part_number === each)?.url ?? "");
      url.catch(() => undefined); // whoever needs it is told
      this.#known.set(each, { until, url });
    }
    return this.#known.get(number)?.url ?? Promise.reject(new Error(`no part ${number}`));
  }

  drop(number: number): void {
    this.#known.delete(number);
  }
}
