// The page of all variants: the address is the question, and everything else follows it.
//
// Rows come first. What they do not need is in parts.ts, which is loaded when the first of them are there.
import { current, forApi, go, onChange, openVariant, start as startAddress, withoutPage, written } from "./address.ts";
import { affectedOf } from "./affected.ts";
import { type About, isAborted, type Page, Refusal, VariantsApi } from "./api.ts";
import { showChips } from "./chips.ts";
import { say } from "./clipboard.ts";
import { ColumnChoice } from "./column-choice.ts";
import { type Column, columnsOf, needed } from "./columns.ts";
import { byId, fill, h } from "./dom.ts";
import { Grid, type Look } from "./grid.ts";
import { whole } from "./numbers.ts";
import { PAIR_COLUMN } from "./pair-column.ts";
import { firstRow, limitOf, showPager } from "./pager.ts";
import { startPanel } from "./panel.ts";
import type { Parts } from "./parts.ts";
import { clicked, goSorted, sortOf } from "./sorting.ts";
import { hideState, showEmpty, showError, showOpening } from "./states.ts";

const SLOW_MILLISECONDS = 400;

export class VariantsPage {
  readonly data = byId("variants").dataset;
  readonly isOwner = this.data.isOwner === "yes";
  readonly api: VariantsApi;
  readonly grid: Grid;
  file!: About;
  choice!: ColumnChoice;
  columns: readonly Column[] = [];
  private readonly share = this.data.share || null;
  private parts: Promise<Parts> | null = null;
  private request: AbortController | null = null;
  private asked: string | null = null;

  constructor() {
    this.api = new VariantsApi(this.data.api ?? "", this.share, this.data.csrf);
    this.grid = new Grid(byId<HTMLTableElement>("grid"), {
      open: (row) => openVariant(row.key),
      star: (row) => void this.withParts((parts) => parts.star(row)),
      select: (keys) => void this.withParts((parts) => parts.showSelected(keys)),
      sort: (column, isAdded) => goSorted(clicked(sortOf(current()), column, isAdded)),
      move: (name, target) => this.choice.move(name, target),
    });
    this.grid.canStar = this.isOwner;
  }

  /** Learn what the file has, then follow the address. */
  async start(): Promise<void> {
    startPanel();
    try {
      this.file = aboutInPage() ?? (await this.api.about(new AbortController().signal, showOpening));
    } catch (error) {
      return this.fail(error, () => location.reload());
    }
    hideState();
    this.choice = new ColumnChoice(columnsOf(this.file), this.file);
    onChange((params) => this.follow(params));
    startAddress();
  }

  /** What the API is asked: the address, with the columns that the cells need. */
  question(params: URLSearchParams): URLSearchParams {
    this.columns = this.choice.columnsOf(params);
    const question = forApi(params);
    question.set("columns", [...new Set([...needed(this.columns), "contig", "pos", "ref", "alt", "symbol"])].join(","));
    question.set("limit", String(limitOf(params)));
    return question;
  }

  /** Another page of the job, read with the same link. */
  readonly address = (path: string, query: Record<string, string> | URLSearchParams = {}): string => {
    const root = (this.data.page ?? "").replace(/\/variants(\?.*)?$/, "");
    const all = new URLSearchParams(query);
    if (this.share) all.set("share", this.share);
    return root + path + written(all);
  };

  private async withParts(action: (parts: Parts) => void | Promise<void>): Promise<void> {
    this.parts ??= import("./parts.ts").then(({ Parts }) => new Parts(this));
    this.parts.catch(() => {
      this.parts = null;
      say("A part of the page could not be loaded. Reload the page to try again.");
    });
    await action(await this.parts);
  }

  private follow(params: URLSearchParams): void {
    showChips(byId("chips"), params);
    const question = this.question(params);
    const text = question.toString();
    if (text !== this.asked) {
      this.asked = text;
      void this.ask(params, question);
    } else {
      this.grid.markOpen(params.get("variant"));
    }
    if (this.parts) void this.withParts((parts) => parts.follow(params));
  }

  private look(params: URLSearchParams): Look {
    this.columns = this.choice.columnsOf(params);
    const pair = params.get("inheritance") === "compound_het" ? [PAIR_COLUMN] : [];
    return { columns: [...pair, ...this.columns], sort: sortOf(params), affected: affectedOf(params, this.file.samples) };
  }

  private async ask(params: URLSearchParams, question: URLSearchParams): Promise<void> {
    this.request?.abort();
    const request = new AbortController();
    this.request = request;
    this.grid.setBusy(true);
    const slow = window.setTimeout(() => this.grid.isEmpty && this.grid.showSkeleton(this.look(params)), SLOW_MILLISECONDS);
    try {
      const page = await this.api.page(question, request.signal, showOpening);
      this.show(page, params);
    } catch (error) {
      if (isAborted(error) || request.signal.aborted) return;
      await this.fail(error, () => void this.ask(params, question));
    } finally {
      clearTimeout(slow);
      if (this.request === request) this.grid.setBusy(false);
    }
  }

  private show(page: Page, params: URLSearchParams): void {
    hideState();
    const frame = byId("frame");
    if (!this.grid.isEmpty) frame.scrollTop = 0;
    frame.classList.remove("old");
    const look = this.look(params);
    this.grid.show(page.items, look, page.total, firstRow(params));
    this.grid.markOpen(params.get("variant"));
    this.showCount(page.total);
    showPager(page, params);
    if (!page.items.length) showEmpty(page, params);
    const first = !this.parts;
    void (first ? painted() : Promise.resolve()).then(() =>
      this.withParts((parts) => {
        if (first) parts.follow(current());
        parts.showAnswer(page, params, needed(look.columns));
      }),
    );
  }

  private showCount(total: number): void {
    const { rows } = this.file;
    const words = total === rows ? ` ${rows === 1 ? "allele" : "alleles"}` : ` of ${whole(rows)} alleles`;
    fill(byId("count"), h("strong", {}, whole(total)), words);
  }

  /** While a filter has an error the rows stay, since someone may be typing; they must not pass for what it finds. */
  private showOld(): void {
    byId("frame").classList.add("old");
    fill(byId("count"), h("strong", {}, "Filter error"), " The rows are those of before.");
  }

  private async fail(error: unknown, retry: () => void): Promise<void> {
    const refusal = error instanceof Refusal ? error : new Refusal(0, { title: "The page met an error", detail: String(error) });
    // a cursor that is no longer good: the same question from its beginning
    if (refusal.field === "cursor") return go(withoutPage(current()), "replace");
    this.asked = null;
    let isShown = false;
    await this.withParts((parts) => void (isShown = refusal.status === 400 && parts.showFault(refusal)));
    if (isShown && !this.grid.isEmpty) return this.showOld();
    byId("frame").classList.remove("old");
    if (this.file) this.grid.show([], this.look(current()), 0, 1);
    fill(byId("count"), "–");
    fill(byId("pager"));
    showError(refusal, retry);
  }
}

/** What the server knew of the file when it wrote the page; null if it had not opened it yet. */
function aboutInPage(): About | null {
  const text = document.getElementById("about")?.textContent;
  return text ? (JSON.parse(text) as About) : null;
}

/** When the browser has drawn what is there now; a hidden page draws nothing, and does not wait. */
const painted = (): Promise<void> =>
  new Promise((done) => (document.hidden ? done() : requestAnimationFrame(() => setTimeout(done))));
