// Read-only links to this view, with an end: made, listed, withdrawn.
import { current, filtersOf, written } from "./address.ts";
import { json, Refusal } from "./api.ts";
import { copyButton } from "./details.ts";
import { byId, fill, h } from "./dom.ts";
import { counted } from "./numbers.ts";

interface Share {
  share_id: string;
  hint: string;
  name: string;
  ends_at: string;
  revoked_at: string | null;
  open: boolean;
  uses: number;
  last_used_at: string | null;
  url?: string;
}

const KEPT = ["sort", "columns"];
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** What the link opens with: filters, order and columns. */
function question(): string {
  const params = filtersOf(current());
  for (const name of KEPT) {
    const value = current().get(name);
    if (value) params.set(name, value);
  }
  return written(params).slice(1);
}

export class ShareDialog {
  private readonly root: string;
  private readonly token: string;

  constructor(jobId: string, token: string) {
    this.root = `/api/v1/jobs/${jobId}/shares`;
    this.token = token;
    byId<HTMLFormElement>("share-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.told(() => this.make());
    });
  }

  open(): void {
    fill(byId("share-made"));
    byId<HTMLDialogElement>("share-dialog").showModal();
    void this.told(() => this.list());
  }

  private async make(): Promise<void> {
    const days = Number(byId<HTMLSelectElement>("share-days").value);
    const body = JSON.stringify({ days, query: question() });
    const made = await json<Share>(this.root, { method: "POST", headers: this.headers, body });
    const url = made.url ?? "";
    const input = h("input", { class: "form-control form-control-sm", readonly: true, value: url, "aria-label": "The link" });
    const note = h("p", { class: "small text-body-secondary mt-1" }, "Copy it now: it is shown this once.");
    fill(byId("share-made"), h("div", { class: "share-url" }, input, copyButton(url, "the link")), note);
    input.select();
    await this.list();
  }

  private async list(): Promise<void> {
    const { items } = await json<{ items: Share[] }>(this.root);
    const none = !items.length && h("p", { class: "small text-body-secondary mb-0" }, "None yet.");
    fill(byId("share-list"), none, ...items.map((share) => this.row(share)));
  }

  private row(share: Share): HTMLElement {
    const used = share.uses ? `used ${counted(share.uses, "time")}, last ${MOMENT.format(new Date(share.last_used_at ?? share.ends_at))}` : "never used";
    const end = share.open ? `ends ${DAY.format(new Date(share.ends_at))}` : share.revoked_at ? "withdrawn" : "over";
    const button = h("button", { class: "btn btn-sm btn-outline-danger", type: "button" }, share.open ? "Withdraw" : "Remove");
    button.addEventListener("click", () => void this.told(() => this.close(share)));
    return h("div", { class: "share-row" }, h("code", {}, `…${share.hint}`), h("span", {}, `${end} · ${used}`), button);
  }

  private async close(share: Share): Promise<void> {
    await json(`${this.root}/${share.share_id}`, { method: "DELETE", headers: this.headers });
    fill(byId("share-made")); // the address on show may be of the link that is over now
    await this.list();
  }

  private async told(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      const text = error instanceof Refusal ? error.message : "That did not work. Try again in a minute.";
      fill(byId("share-made"), h("p", { class: "filter-error" }, text));
    }
  }

  private get headers(): Record<string, string> {
    return { "Content-Type": "application/json", "X-CSRFToken": this.token };
  }
}
