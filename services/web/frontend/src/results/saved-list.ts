// A list of what someone saved under names: used, saved, replaced, renamed, deleted. For filters and layouts.
import { json } from "./api.ts";
import { say, told } from "./clipboard.ts";
import { fill, h, icon } from "./dom.ts";

const LONGEST_NAME = 80;

/** What the API keeps: the value with its name; `version` counts its writes. */
export type Saved<Body> = Body & { id: string; name: string; version: number };

export interface SavedKind<Body> {
  root: string;
  noun: string;
  /** What an empty list says. */
  none: string;
  label: string;
  /** What would be saved now; null if there is nothing, which `nothing` then says. */
  present(): Body | null;
  nothing: string;
  bodyOf(item: Saved<Body>): Body;
  words(item: Saved<Body>): string;
  use(item: Saved<Body>): void;
}

/** What of a row is open: its new name, or the question whether to delete it. */
type Open = { id: string; what: "rename" | "delete" } | null;

export class SavedList<Body extends object> {
  private items: Saved<Body>[] = [];
  private open: Open = null;

  private readonly box: HTMLElement;
  private readonly token: string;
  private readonly kind: SavedKind<Body>;

  constructor(box: HTMLElement, token: string, kind: SavedKind<Body>) {
    this.box = box;
    this.token = token;
    this.kind = kind;
  }

  /** Read the list anew: another window may have changed it. */
  load(): void {
    this.open = null;
    void told(() => this.read());
  }

  private async read(): Promise<void> {
    this.items = (await json<{ items: Saved<Body>[] }>(this.kind.root)).items;
    this.show();
  }

  private show(focused = ""): void {
    const none = !this.items.length && h("p", { class: "dropdown-header" }, this.kind.none);
    const rows = h("div", { class: "saved-rows" }, ...this.items.map((item) => this.row(item)), none);
    fill(this.box, rows, h("hr", { class: "dropdown-divider" }), this.form());
    if (!focused) return;
    const at = this.box.querySelector<HTMLElement>(focused) ?? this.box.querySelector("input");
    at?.focus();
    if (at instanceof HTMLInputElement) at.select();
  }

  private row(item: Saved<Body>): HTMLElement {
    if (this.open?.id === item.id) return this.open.what === "rename" ? this.renaming(item) : this.deleting(item);
    const words = this.kind.words(item);
    const use = h("button", { class: "dropdown-item", type: "button", title: words, "data-saved": item.id }, item.name, h("small", {}, words));
    use.addEventListener("click", () => this.kind.use(item));
    return h("div", { class: "menu-row" }, use, this.opener(item, "rename", "pencil", "Rename"), this.opener(item, "delete", "trash", "Delete"));
  }

  private opener(item: Saved<Body>, what: "rename" | "delete", shape: string, label: string): HTMLElement {
    const button = h("button", { class: "btn btn-sm", type: "button", title: label, "aria-label": `${label} the ${this.kind.noun} ${item.name}` }, icon(shape));
    button.addEventListener("click", () => {
      this.open = { id: item.id, what };
      this.show(".saved-open input, .saved-open button");
    });
    return button;
  }

  private renaming(item: Saved<Body>): HTMLElement {
    const name = this.nameField(`New name of the ${this.kind.noun} ${item.name}`);
    name.value = item.name;
    const rename = (): Promise<void> => this.put(item, name.value.trim(), this.kind.bodyOf(item), "Renamed");
    const form = this.opened(item, rename, name, h("button", { class: "btn btn-sm btn-primary" }, "Rename"));
    const other = (): Saved<Body> | undefined => this.items.find((one) => one.id !== item.id && one.name === name.value.trim());
    name.addEventListener("input", () => name.setCustomValidity(other() ? "Another one has this name." : ""));
    return form;
  }

  private deleting(item: Saved<Body>): HTMLElement {
    const question = h("span", { class: "text-truncate flex-fill" }, `Delete ${item.name}?`);
    const label = `Yes, delete the ${this.kind.noun} ${item.name}`;
    return this.opened(item, () => this.remove(item), question, h("button", { class: "btn btn-sm btn-danger", "aria-label": label }, "Delete"));
  }

  /** The row as a form, which Esc and a button close. */
  private opened(item: Saved<Body>, action: () => Promise<void>, ...parts: HTMLElement[]): HTMLElement {
    const close = (): void => {
      this.open = null;
      this.show(this.place(item.id));
    };
    const keep = h("button", { class: "btn btn-sm btn-outline-secondary", type: "button" }, "Cancel");
    keep.addEventListener("click", close);
    const form = this.submitted(action, h("form", { class: "menu-form saved-open" }, ...parts, keep));
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault(); // else the dialog around it closes
      event.stopPropagation();
      close();
    });
    return form;
  }

  private form(): HTMLElement {
    const name = this.nameField(this.kind.label);
    const save = h("button", { class: "btn btn-sm btn-primary" }, "Save");
    const same = (): Saved<Body> | undefined => this.items.find((item) => item.name === name.value.trim());
    name.addEventListener("input", () => fill(save, same() ? "Replace" : "Save"));
    return this.submitted(() => this.save(name.value.trim(), same()), h("form", { class: "menu-form" }, name, save));
  }

  private nameField(label: string): HTMLInputElement {
    return h("input", { class: "form-control form-control-sm", maxlength: LONGEST_NAME, required: true, pattern: ".*\\S.*", placeholder: label, "aria-label": label });
  }

  private submitted(action: () => Promise<void>, form: HTMLFormElement): HTMLFormElement {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      void told(action);
    });
    return form;
  }

  private async save(name: string, same: Saved<Body> | undefined): Promise<void> {
    const body = this.kind.present();
    if (!body) return say(this.kind.nothing);
    if (same) return this.put(same, name, body, "Replaced");
    const made = await this.sent<Saved<Body>>("", "POST", { ...body, name });
    await this.read();
    this.show(this.place(made.id));
    say("Saved");
  }

  private async put(item: Saved<Body>, name: string, body: Body, done: string): Promise<void> {
    await this.sent(`/${item.id}`, "PUT", { ...body, name, version: item.version });
    this.open = null;
    await this.read();
    this.show(this.place(item.id));
    say(done);
  }

  private async remove(item: Saved<Body>): Promise<void> {
    await this.sent(`/${item.id}?version=${item.version}`, "DELETE");
    this.open = null;
    await this.read();
    this.show("[data-saved]");
    say("Deleted");
  }

  private place(id: string): string {
    return `[data-saved="${CSS.escape(id)}"]`;
  }

  private sent<Answer>(path: string, method: string, body?: object): Promise<Answer> {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": this.token };
    return json<Answer>(this.kind.root + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  }
}
