// The REST API of a job's variants, as the page uses it: docs/variants-table.md has the parameters.
import { written } from "./address.ts";

export type Value = string | number | boolean | null;

/** A row: its key, and a value for each column that was asked for. */
export type Row = { key: string } & Record<string, Value>;

export interface FunnelStep {
  step: string;
  label: string;
  remaining: number;
  removed: number;
  missing: "kept" | "removed" | "none";
  missing_count: number;
}

export interface Page {
  items: Row[];
  total: number;
  funnel: FunnelStep[];
  next_cursor: string | null;
  hidden_pathogenic: number;
  columns: string[];
}

export interface ColumnFacet {
  name: string;
  type: "text" | "integer" | "number" | "flag";
  is_list: boolean;
  is_sortable: boolean;
  about: string;
  source: string;
  sample: number | null;
}

export interface Sample {
  number: number;
  name: string;
}

/** What is known of the file without reading its rows; `empty` are columns without a value. */
export interface About {
  samples: Sample[];
  columns: ColumnFacet[];
  empty: string[];
  rows: number;
  assembly: string;
  bundle: string;
}

/** How many rows have which value. */
export type Counts = Record<string, { value: string | null; count: number }[]>;

export interface Warning {
  kind: string;
  sample: string;
  text: string;
}

export type Transcript = Record<string, Value>;

export interface Genotype {
  sample: string;
  number: number;
  [name: string]: Value;
}

export interface Variant {
  key: string;
  assembly: string;
  columns: Record<string, Value>;
  transcripts: Transcript[];
  genotypes: Genotype[];
  known: { field: string; about: string; value: Value }[];
  warnings: Warning[];
}

interface ProblemDocument {
  type?: string;
  title?: string;
  detail?: string;
  trace_id?: string;
  position?: number;
  fraction?: number;
  retry_after?: number;
  run_again?: string;
  errors?: { field: string; message: string; position?: number }[];
}

const REQUEST_MILLISECONDS = 60_000;
const LONGEST_WAIT_SECONDS = 10;

/** What the server refused, or that it was not reached (`status` 0). */
export class Refusal extends Error {
  readonly status: number;
  readonly document: ProblemDocument;

  constructor(status: number, document: ProblemDocument) {
    super(document.detail ?? `The server answered with status ${status}.`);
    this.status = status;
    this.document = document;
  }

  /** The end of the problem's type, such as `table-opening`. */
  get slug(): string {
    return this.document.type?.replace("urn:gas:problem:", "") ?? "";
  }

  /** The parameter that is wrong, if it is one. */
  get field(): string | null {
    return this.document.errors?.[0]?.field ?? null;
  }
}

export const isAborted = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";

async function answered(url: string, options: RequestInit): Promise<Response> {
  const limit = AbortSignal.timeout(REQUEST_MILLISECONDS);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  try {
    return await fetch(url, { ...options, signal });
  } catch (error) {
    if (isAborted(error)) throw error;
    throw new Refusal(0, {
      title: "The server could not be reached",
      detail: "Check the connection, then try again. Nothing is lost.",
    });
  }
}

/** The body as JSON; empty where a problem has none. A body that is cut off is no answer. */
async function bodyOf(answer: Response, signal: AbortSignal | null | undefined): Promise<unknown> {
  if (answer.status === 204) return {};
  try {
    return await answer.json();
  } catch (error) {
    if (signal?.aborted) throw new DOMException("aborted", "AbortError");
    if (!answer.ok) return {};
    throw new Refusal(0, { title: "The answer was cut off", detail: "Check the connection, then try again. Nothing is lost." });
  }
}

/** The JSON that the address answers. Throws Refusal, or an AbortError of the signal. */
export async function json<Answer>(url: string, options: RequestInit = {}): Promise<Answer> {
  const answer = await answered(url, options);
  const document = (await bodyOf(answer, options.signal)) as Answer & ProblemDocument;
  if (answer.ok) return document;
  const trace = document.trace_id ?? answer.headers.get("X-Trace-Id");
  throw new Refusal(answer.status, trace ? { ...document, trace_id: trace } : document);
}

/** From so many characters on, a question is sent as a form. */
const LONGEST_ADDRESS = 3500;

/** The variants of one job. `share` is the token of a link by which the page is read. */
export class VariantsApi {
  readonly root: string;
  private readonly share: string | null;
  private readonly token: string;
  private readonly headers = { "X-View-Id": crypto.randomUUID?.() ?? String(Math.random()).slice(2) };

  /** `root` is the API's address of the variants; addresses that templates write may carry the share. */
  constructor(root: string, share: string | null, token = "") {
    this.root = root.split("?")[0] ?? "";
    this.share = share;
    this.token = token;
  }

  page(params: URLSearchParams, signal: AbortSignal, onOpening: (fraction: number) => void): Promise<Page> {
    const url = this.url("", params);
    const headers = { ...this.headers, "X-CSRFToken": this.token };
    const ask = (): Promise<Page> =>
      url.length <= LONGEST_ADDRESS
        ? json<Page>(url, { signal, headers: this.headers })
        : json<Page>(this.url("", new URLSearchParams()), { method: "POST", body: params, signal, headers });
    return this.whenOpen(ask, signal, onOpening);
  }

  about(signal: AbortSignal, onOpening: (fraction: number) => void): Promise<About> {
    return this.whenOpen(() => json<About>(this.url("/columns", new URLSearchParams()), { signal }), signal, onOpening);
  }

  async counts(signal: AbortSignal): Promise<Counts> {
    return (await json<{ values: Counts }>(this.url("/facets", new URLSearchParams()), { signal })).values;
  }

  variant(key: string, signal?: AbortSignal): Promise<Variant> {
    const url = this.url(`/${encodeURIComponent(key)}`, new URLSearchParams());
    return json<Variant>(url, signal ? { signal } : {});
  }

  /** The address of what the parameters ask for, below the variants. */
  url(path: string, params: URLSearchParams): string {
    const all = new URLSearchParams(params);
    if (this.share) all.set("share", this.share);
    return this.root + path + written(all);
  }

  /** Asks again while the file is being copied to the server that answers. */
  private async whenOpen<Answer>(
    ask: () => Promise<Answer>,
    signal: AbortSignal,
    onOpening: (fraction: number) => void,
  ): Promise<Answer> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof Refusal && error.slug === "table-opening")) throw error;
        onOpening(error.document.fraction ?? 0);
        await pause(Math.min(error.document.retry_after ?? 1, LONGEST_WAIT_SECONDS), signal);
      }
    }
  }
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(done, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      fail(new DOMException("aborted", "AbortError"));
    }, { once: true });
  });
}
