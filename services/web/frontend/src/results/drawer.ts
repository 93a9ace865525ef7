// The variant beside the table. Its key is in the address, so that a link opens it and the back button closes it.
import { addressOf, closeVariant, current } from "./address.ts";
import { isAborted, Refusal, type Variant, type VariantsApi } from "./api.ts";
import { copyButton, renderDetails, type Surroundings, titleOf } from "./details.ts";
import { byId, fill, h } from "./dom.ts";
import { markEditor } from "./mark-editor.ts";
import type { Marks } from "./marks.ts";

export interface DrawerSetting {
  api: VariantsApi;
  /** None where marks cannot be written. */
  marks: Marks | null;
  surroundings(): Surroundings;
  /** The address of the variant's own page. */
  pageAddress(key: string): string;
  onClose(): void;
}

export class Drawer {
  private readonly box = byId("drawer");
  private readonly setting: DrawerSetting;
  private shown: string | null = null;
  private request: AbortController | null = null;

  constructor(setting: DrawerSetting) {
    this.setting = setting;
  }

  /** Follow the address: open, change or close. */
  follow(params: URLSearchParams): void {
    const key = params.get("variant");
    if (key === this.shown) return;
    this.request?.abort();
    this.shown = key;
    this.box.hidden = key === null;
    if (key === null) {
      fill(this.box);
      this.setting.onClose();
    } else {
      void this.load(key);
    }
  }

  private async load(key: string): Promise<void> {
    const request = new AbortController();
    this.request = request;
    this.box.setAttribute("aria-busy", "true");
    if (!this.box.firstChild) fill(this.box, this.head("…", key), h("div", { class: "drawer-body" }, h("span", { class: "skeleton" })));
    try {
      this.show(await this.setting.api.variant(key, request.signal));
    } catch (error) {
      if (isAborted(error) || request.signal.aborted) return;
      const text = error instanceof Refusal ? error.message : "The variant could not be shown. Try again in a minute.";
      fill(this.box, this.head("Variant", key), h("p", { class: "drawer-body" }, text));
    } finally {
      if (this.request === request) this.box.removeAttribute("aria-busy");
    }
  }

  private show(variant: Variant): void {
    const { marks } = this.setting;
    const parts = renderDetails(variant, this.setting.surroundings());
    if (marks) parts.splice(1, 0, markEditor(variant, marks));
    fill(this.box, this.head(titleOf(variant), variant.key), h("div", { class: "drawer-body", tabindex: 0, role: "group", "aria-label": "Details" }, ...parts));
  }

  private head(title: string, key: string): HTMLElement {
    const close = h("button", { class: "btn-close", type: "button", "aria-label": "Close the variant", title: "Close (Esc)" });
    close.addEventListener("click", () => closeVariant());
    const params = current();
    params.set("variant", key);
    const page = h("a", { class: "btn btn-sm btn-link", href: this.setting.pageAddress(key) }, "Own page");
    const link = copyButton(new URL(addressOf(params), location.href).href, "the link");
    return h("div", { class: "drawer-head" }, h("h2", {}, title), link, page, close);
  }
}

