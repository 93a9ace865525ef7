// The uploads that an earlier visit left unfinished: the page asks for their files.
import { byId, h } from "../results/dom.ts";
import { Api } from "./api.ts";
import { heldElsewhere, type Kept, type Memory } from "./kept.ts";
import type { Session } from "./session.ts";
import { size } from "./words.ts";

/** Show those that no other tab is sending; returns them, the latest last. */
export async function showUnfinished(root: string, session: Session, memory: Memory): Promise<Kept[]> {
  memory.clean();
  const all = memory.all();
  const elsewhere = await heldElsewhere(all);
  const left = all.filter(({ uploadId }) => !elsewhere.has(uploadId));
  byId("unfinished-list").replaceChildren(...left.map((kept) => item(kept, root, session, memory)));
  byId("unfinished").hidden = left.length === 0;
  return left;
}

/** Ask no more for the file of that upload: it was chosen again, or nothing is left of it. */
export function takeOff(uploadId: string): void {
  for (const element of byId("unfinished-list").querySelectorAll<HTMLElement>("li")) {
    if (element.dataset.upload === uploadId) element.remove();
  }
  byId("unfinished").hidden = byId("unfinished-list").childElementCount === 0;
}

function item(kept: Kept, root: string, session: Session, memory: Memory): HTMLLIElement {
  const forget = (): void => {
    const api = new Api(root, session, new AbortController().signal, () => undefined);
    memory.forget(kept.uploadId);
    api.giveUp(kept.uploadId).catch(() => undefined); // it would end by itself after a day
  };
  const label = `Give up ${kept.name}`;
  return h(
    "li",
    { class: "d-flex flex-wrap gap-2 align-items-baseline mb-1", "data-upload": kept.uploadId },
    h("span", { class: "fw-medium text-break" }, kept.name),
    h("span", { class: "small" }, size(kept.size)),
    h("button", { type: "button", class: "btn btn-sm btn-outline-secondary", "aria-label": label, on: { click: forget } }, "Give up"),
  );
}
