// What the page has besides its rows: filters, what they remove, marks, exports, the variant beside the table, keys.
import "bootstrap/js/dist/offcanvas";

import { current, forOtherPages, openVariant } from "./address.ts";
import { affectedOf } from "./affected.ts";
import { type Page, Refusal, type Row } from "./api.ts";
import { copy, say, startCopying, told } from "./clipboard.ts";
import { needed } from "./columns.ts";
import { byId } from "./dom.ts";
import { showExports, showReport, startCurl } from "./exports.ts";
import { FilterLists } from "./filter-lists.ts";
import { showFault, showFilters, startFilters } from "./filters.ts";
import { showFunnel, showHidden } from "./funnel.ts";
import { startKeys } from "./keys.ts";
import { Marks } from "./marks.ts";
import type { VariantsPage } from "./page.ts";
import { recall, remember } from "./prefs.ts";
import { familyQuestion } from "../variant/family.ts";

export class Parts {
  private readonly page: VariantsPage;
  private readonly marks: Marks | null;
  private isDrawerUsed = false;

  constructor(page: VariantsPage) {
    this.page = page;
    this.marks = page.isOwner ? new Marks(page.data.jobId ?? "", page.data.csrf ?? "", null) : null;
    startCopying();
    startFilters();
    startFold();
    this.startLists();
    this.startMenus();
    this.startDialogs();
    this.startMarks();
    startCurl(page.api, () => ({ params: page.question(current()), columns: needed(page.columns) }));
    startKeys(page.grid, {
      open: () => page.grid.activeRow && openVariant(page.grid.activeRow.key),
      star: () => page.grid.activeRow && void this.star(page.grid.activeRow),
      select: () => page.grid.toggleActive(),
      help: () => byId<HTMLDialogElement>("help-dialog").showModal(),
    });
    byId("filters").removeAttribute("aria-busy");
  }

  /** Follow the address. */
  follow(params: URLSearchParams): void {
    showFilters(params);
    this.isDrawerUsed ||= params.has("variant");
    if (this.isDrawerUsed) void told(async () => (await this.drawer()).follow(current()));
  }

  /** Show what belongs to the rows that are shown; `columns` are those of the API that cells show. */
  showAnswer(answer: Page, params: URLSearchParams, columns: readonly string[]): void {
    showFault(null);
    showFunnel(answer, this.page.file.rows);
    showHidden(answer, params);
    showExports(this.page.api, params, columns);
    if (this.marks) this.page.grid.setStarred(this.marks.starred);
  }

  /** Say beside its filter what is wrong; false if there is none of that name. */
  showFault(refusal: Refusal): boolean {
    const isShown = showFault(refusal);
    if (isShown) say("The filter has an error: see beside it.");
    return isShown;
  }

  /** Offer the report of the rows that are selected. */
  showSelected(keys: ReadonlySet<string>): void {
    showReport(this.page.address, "selected", keys);
  }

  /** Star the variant, or no longer. */
  async star(row: Row): Promise<void> {
    const { marks } = this;
    if (marks) await told(() => marks.put(row.key, { star: !marks.get(row.key).star }, row));
  }

  private startLists(): void {
    const { samples } = this.page.file;
    const lists = new FilterLists(byId("filter-form"), () => showFilters(current()));
    const section = byId<HTMLDetailsElement>("section-samples");
    section.hidden = !samples.length;
    const show = async (): Promise<void> => {
      (await import("./samples.ts")).showSamples(samples);
      showFilters(current());
    };
    section.addEventListener("toggle", () => void show(), { once: true });
    // Counts of millions of rows take seconds, and come when they come.
    this.page.api.counts(new AbortController().signal).then((counts) => lists.showCounts(counts)).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
    });
  }

  private startMenus(): void {
    const { api, data } = this.page;
    onOpened("presets", async (box) => {
      const { PresetMenu } = await import("./presets.ts");
      return new PresetMenu(box, api.url("/presets", new URLSearchParams()));
    });
    if (this.page.isOwner) onOpened("saved", async (box) => (await import("./saved.ts")).savedFilters(box, data.csrf ?? ""));
  }

  private startDialogs(): void {
    const { isOwner, data } = this.page;
    byId("open-help").addEventListener("click", () => byId<HTMLDialogElement>("help-dialog").showModal());
    byId("choose-columns").addEventListener("click", () => void told(() => this.chooseColumns()));
    if (isOwner) {
      const loaded = once(async () => new (await import("./share.ts")).ShareDialog(data.jobId ?? "", data.csrf ?? ""));
      byId("open-share").addEventListener("click", () => void told(async () => (await loaded()).open()));
    }
    document.getElementById("copy-link")?.addEventListener("click", () => void copy(location.href));
    for (const dialog of document.querySelectorAll("dialog")) {
      // a click on the ground beside it closes it
      dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    }
  }

  private readonly layouts = once(async () => {
    const { page } = this;
    return (await import("./layouts.ts")).savedLayouts(page.data.csrf ?? "", {
      present: () => page.columns.map(({ name }) => ({ name, width: page.grid.widthOf(name) })),
      use: (columns) => {
        page.grid.setWidths(columns);
        return page.choice.use(columns.map(({ name }) => name));
      },
    });
  });

  private readonly chooser = once(async () => new (await import("./column-chooser.ts")).ColumnChooser(this.page.choice));

  private async chooseColumns(): Promise<void> {
    (await this.chooser()).open();
    if (this.page.isOwner) (await this.layouts()).load();
  }

  private startMarks(): void {
    const { marks, page } = this;
    marks?.onChange(() => {
      page.grid.setStarred(marks.starred);
      showReport(page.address, "starred", marks.starred);
    });
    marks?.load().catch(() => say("Your stars could not be read. Reload the page to try again."));
  }

  private readonly drawer = once(async () => {
    const { page, marks } = this;
    const { Drawer } = await import("./drawer.ts");
    return new Drawer({
      api: page.api,
      marks,
      surroundings: () => ({
        assembly: page.file.assembly,
        affected: affectedOf(current(), page.file.samples),
        geneAddress: (symbol) => page.address(`/genes/${encodeURIComponent(symbol)}`, familyQuestion(current())),
      }),
      pageAddress: (key) => page.address(`/variants/${key}`, forOtherPages()),
      onClose: () => page.grid.markOpen(null),
    });
  });
}

/** The funnel stays open or closed, as it was left. */
function startFold(): void {
  const box = byId<HTMLDetailsElement>("funnel");
  box.open = recall("funnel", false);
  box.addEventListener("toggle", () => remember("funnel", box.open));
}

/** What is made at the first call; after a failure at the next one. */
function once<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | null = null;
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    }));
}

/** Each time that the menu around the box is opened its list is read anew; its code is loaded for the first time. */
function onOpened(id: string, make: (box: HTMLElement) => Promise<{ load(): void | Promise<void> }>): void {
  const box = byId(id);
  const list = once(() => make(box));
  box.parentElement?.addEventListener("show.bs.dropdown", () => void told(async () => (await list()).load()));
}
