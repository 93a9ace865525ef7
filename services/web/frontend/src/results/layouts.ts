// One's own layouts: which columns are shown, in which order and how wide. In the dialog of columns.
import { say } from "./clipboard.ts";
import { byId } from "./dom.ts";
import { counted } from "./numbers.ts";
import { SavedList } from "./saved-list.ts";

export interface LayoutColumn {
  name: string;
  /** In CSS pixels; null for the column's own width. */
  width: number | null;
}

export interface LayoutActions {
  present(): LayoutColumn[];
  /** Show these columns; returns those that this file does not have. */
  use(columns: readonly LayoutColumn[]): string[];
}

/** The list of saved layouts in the dialog. */
export const savedLayouts = (token: string, actions: LayoutActions): SavedList<{ columns: LayoutColumn[] }> =>
  new SavedList<{ columns: LayoutColumn[] }>(byId("layouts"), token, {
    root: "/api/v1/layouts",
    noun: "layout",
    none: "None yet. Choose columns, then save them under a name.",
    label: "Name of the present layout",
    present: () => ({ columns: actions.present() }),
    nothing: "",
    bodyOf: ({ columns }) => ({ columns }),
    words: ({ columns }) => columns.map(({ name }) => name).join(" · "),
    use: ({ name, columns }) => {
      const missing = actions.use(columns);
      say(missing.length ? `${name}, without ${counted(missing.length, "column")} that this file does not have` : `${name} is shown`);
    },
  });
