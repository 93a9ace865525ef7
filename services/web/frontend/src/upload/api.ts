// The requests of the REST API around uploads. They wait for lost connections, limits and a new login by themselves.
import type { Session } from "./session.ts";
import { backoff, pause } from "./waiting.ts";

const REQUEST_MILLISECONDS = 30_000;
const MOST_FAULTS = 4; // of the server, one after another

/** What holds a request up, in words; null when it goes on. */
export type OnTrouble = (text: string | null) => void;

export interface FormUpload {
  upload_id: string;
  url: string;
  fields: Record<string, string>;
  expires_at: string;
}

export interface PartsUpload {
  upload_id: string;
  size_bytes: number;
  part_bytes: number;
  part_count: number;
  expires_at: string;
}

export interface ListedParts extends PartsUpload {
  parts: { part_number: number; size_bytes: number }[];
}

export interface SignedPart {
  part_number: number;
  url: string;
}

export interface Submitted {
  job_id: string;
}

export interface Wishes {
  bundle: string;
  split_multiallelics: boolean;
}

interface Problem {
  type?: string;
  detail?: string;
  retry_after?: number;
}

/** The server will not do it; the message is for the user. */
export class Refused extends Error {
  readonly slug: string;

  constructor(slug: string, message: string) {
    super(message);
    this.slug = slug;
  }
}

const refused = ({ type, detail }: Problem): Refused => new Refused(type?.split(":").pop() ?? "", detail ?? "Try again.");
const described = (file: File): object => ({ filename: file.name, size_bytes: file.size });

export class Api {
  readonly #root: string;
  readonly #session: Session;
  readonly #signal: AbortSignal;
  readonly #onTrouble: OnTrouble;

  /** `root` ends before `/uploads`; all requests end when the signal is aborted. */
  constructor(root: string, session: Session, signal: AbortSignal, onTrouble: OnTrouble) {
    this.#root = root;
    this.#session = session;
    this.#signal = signal;
    this.#onTrouble = onTrouble;
  }

  /** The forms for small files, in their order; all of them are allowed, or none. */
  announce = async (files: readonly File[]): Promise<FormUpload[]> =>
    (await this.#call<{ uploads: FormUpload[] }>("POST", "/uploads/batch", { files: files.map(described) })).uploads;

  begin = (file: File): Promise<PartsUpload> => this.#call("POST", "/uploads/multipart", described(file));

  sign = async (id: string, numbers: readonly number[]): Promise<SignedPart[]> =>
    (await this.#call<{ parts: SignedPart[] }>("POST", `/uploads/${id}/parts`, { part_numbers: numbers })).parts;

  list = (id: string): Promise<ListedParts> => this.#call("GET", `/uploads/${id}/parts`);

  complete = (id: string): Promise<PartsUpload> => this.#call("POST", `/uploads/${id}/complete`, {});

  giveUp = (id: string): Promise<null> => this.#call("DELETE", `/uploads/${id}`);

  submit = (id: string, wishes: Wishes): Promise<Submitted> => this.#call("POST", "/jobs", { upload_id: id, ...wishes });

  /** Of each upload, in their order, its job, or why there is none. */
  submitAll = async (ids: readonly string[], wishes: Wishes): Promise<(Submitted | Refused)[]> => {
    const body = { upload_ids: ids, ...wishes };
    const { jobs } = await this.#call<{ jobs: (Submitted & { problem?: Problem })[] }>("POST", "/jobs/batch", body);
    return jobs.map(({ job_id, problem }) => (problem ? refused(problem) : { job_id }));
  };

  async #call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    let faults = 0;
    for (let failed = 0; ; failed += 1) {
      const answer = await this.#ask(method, path, body);
      if (answer?.ok) {
        this.#onTrouble(null);
        return (answer.status === 204 ? null : await answer.json()) as Answer;
      }
      if (answer === null) {
        this.#onTrouble("The connection is lost. The upload goes on by itself when it is back.");
        await backoff(failed, this.#signal);
        continue;
      }
      const problem = (await answer.json().catch(() => ({}))) as Problem;
      const detail = problem.detail ?? `GAS answered with status ${answer.status}.`;
      if (answer.status === 401 || (answer.status === 400 && detail.includes("CSRF"))) {
        await this.#session.renew(this.#signal);
        if (failed) await backoff(failed, this.#signal); // signed in, and still refused
      } else if (answer.status === 429 || answer.status === 503 || (answer.status >= 500 && faults++ < MOST_FAULTS)) {
        this.#onTrouble(detail);
        await (problem.retry_after ? pause(problem.retry_after * 1000, this.#signal) : backoff(failed, this.#signal));
      } else {
        throw refused({ ...problem, detail });
      }
    }
  }

  // Null where there is no answer.
  async #ask(method: string, path: string, body?: object): Promise<Response | null> {
    try {
      return await fetch(this.#root + path, {
        method,
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.#session.token },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.any([this.#signal, AbortSignal.timeout(REQUEST_MILLISECONDS)]),
      });
    } catch {
      this.#signal.throwIfAborted();
      return null;
    }
  }
}
