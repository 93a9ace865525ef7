// Star, tags and note of one variant, in its details.
import { Refusal, type Variant } from "./api.ts";
import { say } from "./clipboard.ts";
import { fill, h, icon } from "./dom.ts";
import type { Marks, Remarks } from "./marks.ts";

const LONGEST_NOTE = 4000;
const USUAL_TAGS = ["candidate", "to confirm", "artefact", "excluded"];

/** The editor, which follows changes from elsewhere. */
export function markEditor(variant: Variant, marks: Marks): HTMLElement {
  const { key, columns } = variant;
  const put = async (remarks: Partial<Remarks>): Promise<void> => {
    try {
      await marks.put(key, remarks, columns);
    } catch (error) {
      say(error instanceof Refusal ? error.message : "It could not be saved. Try again.");
    }
  };
  const star = h("button", { class: "btn btn-sm btn-outline-secondary", type: "button" });
  star.addEventListener("click", () => void put({ star: !marks.get(key).star }));
  const tags = h("span", { class: "tags" });
  // not among what is shown anew: someone may be typing there
  const add = adder((tag) => {
    const present = marks.get(key).tags;
    if (!present.includes(tag)) void put({ tags: [...present, tag] });
  });
  const note = h("textarea", { class: "form-control form-control-sm", rows: 2, maxlength: LONGEST_NOTE, "aria-label": "Note", placeholder: "A note for yourself" });
  note.value = marks.get(key).note;
  note.addEventListener("change", () => void put({ note: note.value }));
  const box = h("section", { class: "detail marks-editor", "aria-label": "Your marks" }, h("div", { class: "d-flex gap-2 flex-wrap" }, star, tags, add), note);
  const show = (): void => {
    const mark = marks.get(key);
    star.setAttribute("aria-pressed", String(mark.star));
    fill(star, icon(mark.star ? "star-fill" : "star"), mark.star ? " Starred" : " Star");
    fill(tags, ...mark.tags.map((tag) => tagElement(tag, () => void put({ tags: mark.tags.filter((other) => other !== tag) }))));
    if (document.activeElement !== note) note.value = mark.note;
  };
  show();
  marks.onChange(() => {
    if (box.isConnected) show();
  });
  return box;
}

function tagElement(tag: string, remove: () => void): HTMLElement {
  const button = h("button", { class: "chip", type: "button", "aria-label": `Remove the tag ${tag}` }, tag, icon("x-lg"));
  button.addEventListener("click", remove);
  return button;
}

function adder(add: (tag: string) => void): HTMLElement {
  const options = USUAL_TAGS.map((tag) => h("option", { value: tag }));
  const input = h("input", { class: "tag-input", list: "usual-tags", maxlength: 40, placeholder: "+ tag", "aria-label": "Add a tag" });
  input.addEventListener("change", () => {
    const tag = input.value.replaceAll(",", " ").trim();
    input.value = "";
    if (tag) add(tag);
  });
  return h("span", {}, input, h("datalist", { id: "usual-tags" }, ...options));
}
