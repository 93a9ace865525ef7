// The page of all variants: the address is the question, and everything else follows it.
import { change, current, forApi, go, onChange, start as startAddress, withoutPage, written } from "./address.ts";
import { type About, isAborted, type Page, Refusal, type Row, VariantsApi } from "./api.ts";
import { showChips } from "./chips.ts";
import { say, startCopying } from "./clipboard.ts";
import { ColumnChooser } from "./column-chooser.ts";
import { type Column, columnsOf, needed } from "./columns.ts";
import { byId, fill, h } from "./dom.ts";
import { Drawer } from "./drawer.ts";
import { showExports, showReport, startCurl } from "./exports.ts";
import { showLists } from "./filter-lists.ts";
import { showFault, showFilters, startFilters } from "./filters.ts";
import { showFunnel, showHidden, startFunnel } from "./funnel.ts";
import { Grid, type Look } from "./grid.ts";
import { startKeys } from "./keys.ts";
import { startLayouts } from "./layouts.ts";
import { Marks } from "./marks.ts";
import { whole } from "./numbers.ts";
import { PAIR_COLUMN } from "./pair-column.ts";
import { firstRow, limitOf, showPager } from "./pager.ts";
import { affectedOf, showSamples } from "./samples.ts";
import { startPresets } from "./presets.ts";
import { startSaved } from "./saved.ts";
import { ShareDialog } from "./share.ts";
import { clicked, goSorted, sortOf } from "./sorting.ts";
import { startPanel } from "./panel.ts";
import { familyQuestion } from "../variant/family.ts";
import { hideState, showEmpty, showError, showOpening } from "./states.ts";

const SLOW_MILLISECONDS = 250;

export class VariantsPage {
  private readonly data = byId("variants").dataset;
  private readonly share = this.data.share || null;
  private readonly isOwner = this.data.isOwner === "yes";
  private readonly api = new VariantsApi(this.data.api ?? "", this.share, this.data.csrf);
  private readonly marks = new Marks(this.data.jobId ?? "", this.data.csrf ?? "", this.share);
  private readonly grid: Grid;
  private readonly drawer: Drawer;
  private file!: About;
  private chooser!: ColumnChooser;
  private columns: readonly Column[] = [];
  private request: AbortController | null = null;
  private asked: string | null = null;

  constructor() {
    this.grid = new Grid(byId<HTMLTableElement>("grid"), {
      open: (row) => change({ variant: row.key }, this.drawer.isOpen ? "replace" : "push"),
      star: (row) => void this.star(row),
      select: (keys) => showReport(this.address, "selected", keys),
      sort: (column, isAdded) => goSorted(clicked(sortOf(current()), column, isAdded)),
      move: (name, target) => this.chooser.move(name, target),
    });
    this.grid.canStar = this.isOwner;
    this.drawer = new Drawer({
      api: this.api,
      marks: this.isOwner ? this.marks : null,
      surroundings: () => ({
        assembly: this.file.assembly,
        affected: affectedOf(current(), this.file.samples),
        geneAddress: (symbol) => this.address(`/genes/${encodeURIComponent(symbol)}`, familyQuestion(current())),
      }),
      pageAddress: (key) => this.address(`/variants/${key}`, familyQuestion(current())),
      onClose: () => this.grid.markOpen(null),
    });
  }

  /** Learn what the file has, then follow the address. */
  async start(): Promise<void> {
    this.startParts();
    try {
      this.file = await this.api.about(new AbortController().signal, showOpening);
    } catch (error) {
      return this.fail(error, () => location.reload());
    }
    hideState();
    this.chooser = new ColumnChooser(columnsOf(this.file), this.file);
    showLists(byId("filter-form"), null);
    showSamples(this.file.samples);
    byId("choose-columns").addEventListener("click", () => this.chooser.open());
    this.grid.showSkeleton(this.look(current()));
    onChange((params) => this.follow(params));
    startAddress();
    void this.showCounts();
  }

  /** Counts beside the filters' values come when they come: of millions of rows they take seconds. */
  private async showCounts(): Promise<void> {
    try {
      showLists(byId("filter-form"), await this.api.counts(new AbortController().signal));
      showFilters(current());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  private startParts(): void {
    startCopying();
    startFilters();
    startFunnel();
    startPresets(this.api.url("/presets", new URLSearchParams()));
    if (this.isOwner) this.startOwn();
    startPanel();
    byId("open-help").addEventListener("click", () => this.help());
    for (const dialog of document.querySelectorAll("dialog")) {
      // a click on the ground beside it closes it
      dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    }
    startCurl(this.api, () => ({ params: this.question(current()), columns: needed(this.columns) }));
    startKeys(this.grid, this.drawer, {
      open: () => this.openActive(),
      star: () => this.grid.activeRow && this.isOwner && void this.star(this.grid.activeRow),
      select: () => this.grid.toggleActive(),
      help: () => this.help(),
    });
  }

  private startOwn(): void {
    const token = this.data.csrf ?? "";
    startSaved(token);
    startLayouts(token, {
      present: () => this.columns.map(({ name }) => ({ name, width: this.grid.widthOf(name) })),
      use: (columns) => {
        this.grid.setWidths(columns);
        return this.chooser.use(columns.map(({ name }) => name));
      },
    });
    const dialog = new ShareDialog(this.data.jobId ?? "", token);
    byId("open-share").addEventListener("click", () => dialog.open());
    this.marks.onChange(() => {
      this.grid.setStarred(this.marks.starred);
      showReport(this.address, "starred", this.marks.starred);
    });
    this.marks.load().catch(() => say("Your stars could not be read. Reload the page to try again."));
  }

  private follow(params: URLSearchParams): void {
    showChips(byId("chips"), params);
    showFilters(params);
    this.drawer.follow(params);
    const question = this.question(params);
    const text = question.toString();
    if (text !== this.asked) {
      this.asked = text;
      void this.ask(params, question);
    } else {
      this.grid.markOpen(params.get("variant"));
    }
  }

  /** What the API is asked: the address, with the columns that the cells need. */
  private question(params: URLSearchParams): URLSearchParams {
    this.columns = this.chooser.columnsOf(params);
    const question = forApi(params);
    question.set("columns", [...new Set([...needed(this.columns), "contig", "pos", "ref", "alt", "symbol"])].join(","));
    question.set("limit", String(limitOf(params)));
    return question;
  }

  private look(params: URLSearchParams): Look {
    this.columns = this.chooser.columnsOf(params);
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
      this.fail(error, () => void this.ask(params, question));
    } finally {
      clearTimeout(slow);
      if (this.request === request) this.grid.setBusy(false);
    }
  }

  private show(page: Page, params: URLSearchParams): void {
    showFault(null);
    hideState();
    byId("frame").classList.remove("old");
    const look = this.look(params);
    this.grid.show(page.items, look, page.total, firstRow(params));
    this.grid.setStarred(this.marks.starred);
    this.grid.markOpen(params.get("variant"));
    this.showCount(page.total);
    showFunnel(page, this.file.rows);
    showHidden(page, params);
    showPager(page, params);
    showExports(this.api, params, needed(look.columns));
    if (!page.items.length) showEmpty(page, params);
    byId("frame").scrollTop = 0;
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
    say("The filter has an error: see beside it.");
  }

  private fail(error: unknown, retry: () => void): void {
    const refusal = error instanceof Refusal ? error : new Refusal(0, { title: "The page met an error", detail: String(error) });
    // a cursor that is no longer good: the same question from its beginning
    if (refusal.field === "cursor") return go(withoutPage(current()), "replace");
    this.asked = null;
    const isShown = refusal.status === 400 && showFault(refusal);
    if (isShown && !this.grid.isEmpty) return this.showOld();
    byId("frame").classList.remove("old");
    if (this.file) this.grid.show([], this.look(current()), 0, 1);
    fill(byId("count"), "–");
    fill(byId("pager"));
    showError(refusal, retry);
  }

  private openActive(): void {
    const row = this.grid.activeRow;
    if (row) change({ variant: row.key }, this.drawer.isOpen ? "replace" : "push");
  }

  private async star(row: Row): Promise<void> {
    try {
      await this.marks.put(row.key, { star: !this.marks.get(row.key).star }, row);
    } catch (error) {
      say(error instanceof Refusal ? error.message : "The star could not be saved. Try again.");
    }
  }

  private help(): void {
    byId<HTMLDialogElement>("help-dialog").showModal();
  }

  /** Another page of the job, read with the same link. */
  private readonly address = (path: string, query: Record<string, string> | URLSearchParams = {}): string => {
    const root = (this.data.page ?? "").replace(/\/variants(\?.*)?$/, "");
    const all = new URLSearchParams(query);
    if (this.share) all.set("share", this.share);
    return root + path + written(all);
  };
}
