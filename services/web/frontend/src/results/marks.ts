// One's own stars, tags and notes on the variants of a job.
import { json, Refusal, type Row } from "./api.ts";
import { written } from "./address.ts";

export interface Mark {
  key: string;
  star: boolean;
  tags: string[];
  note: string;
  version: number;
}

interface MarkPage {
  items: Mark[];
  next_cursor: string | null;
}

export type Remarks = Pick<Mark, "star" | "tags" | "note">;

const PAGE = 500;
const MOST_PAGES = 20;

const emptyMark = (key: string): Mark => ({ key, star: false, tags: [], note: "", version: 0 });

export class Marks {
  private readonly root: string;
  private readonly token: string;
  private readonly share: string | null;
  private readonly byKey = new Map<string, Mark>();
  private readonly writes = new Map<string, Promise<void>>();
  private readonly listeners: (() => void)[] = [];

  constructor(jobId: string, token: string, share: string | null) {
    this.root = `/api/v1/jobs/${jobId}/marks`;
    this.token = token;
    this.share = share;
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  get(key: string): Mark {
    return this.byKey.get(key) ?? emptyMark(key);
  }

  get starred(): Set<string> {
    return new Set([...this.byKey.values()].filter(({ star }) => star).map(({ key }) => key));
  }

  /** Read all marks of the job. */
  async load(): Promise<void> {
    let cursor: string | null = null;
    for (let read = 0; read < MOST_PAGES; read += 1) {
      const params = new URLSearchParams({ limit: String(PAGE), ...(cursor ? { cursor } : {}), ...(this.share ? { share: this.share } : {}) });
      const page: MarkPage = await json<MarkPage>(this.root + written(params));
      for (const mark of page.items) this.byKey.set(mark.key, mark);
      cursor = page.next_cursor;
      if (!cursor) break;
    }
    this.tell();
  }

  /** Store remarks; shown at once, and taken back if the server refuses. Throws Refusal. */
  async put(key: string, remarks: Partial<Remarks>, row: Partial<Row> | null): Promise<void> {
    const old = this.get(key);
    this.byKey.set(key, { ...old, ...remarks });
    this.tell();
    // one write of a variant after the other: each names the version that it replaces
    const before = this.writes.get(key) ?? Promise.resolve();
    const write = before.catch(() => undefined).then(() => this.send(key, old, row));
    this.writes.set(key, write);
    await write;
  }

  private async send(key: string, old: Mark, row: Partial<Row> | null): Promise<void> {
    const { star, tags, note, version } = this.get(key);
    const variant = row && typeof row.contig === "string" ? { contig: row.contig, pos: row.pos, ref: row.ref, alt: row.alt ?? null } : null;
    try {
      const mark = await json<Mark>(`${this.root}/${encodeURIComponent(key)}`, {
        method: "PUT",
        // who leaves the page at once has marked it all the same
        keepalive: true,
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
        body: JSON.stringify({ star, tags, note, version, ...(variant ? { variant } : {}) }),
      });
      this.byKey.set(key, { ...this.get(key), version: mark.version });
    } catch (error) {
      this.byKey.set(key, { ...old, version });
      // another tab was quicker: its mark is the one to show
      if (error instanceof Refusal && error.status === 409) await this.load();
      throw error;
    } finally {
      this.tell();
    }
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
