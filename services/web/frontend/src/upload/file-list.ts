// The list of chosen files: adding, removing, and what all of them together are doing.
import { byId } from "../results/dom.ts";
import type { Wishes } from "./api.ts";
import type { Bundle } from "./builds.ts";
import { ChosenFile, type Stage, type Surroundings } from "./chosen-file.ts";
import { Row } from "./row.ts";
import { files as countOf, progressText } from "./words.ts";

/** More rows than that help nobody; the API takes as many as the plan allows. */
export const MOST_FILES = 500;
const SHOW_MILLISECONDS = 200;

export class FileList {
  readonly #around: Surroundings;
  readonly #jobPage: string;
  readonly #bundles: readonly Bundle[];
  readonly #rows = new Map<ChosenFile, Row>();
  readonly #changed = new Set<ChosenFile>();
  #timer = 0;

  constructor(around: Surroundings, jobPage: string, bundles: readonly Bundle[]) {
    this.#around = around;
    this.#jobPage = jobPage;
    this.#bundles = bundles;
  }

  /** Add files and look at them; returns what is wrong with so many, in words, and then adds none. */
  add(chosen: readonly File[], bundle: string): string | null {
    const there = new Set([...this.#rows.keys()].map(({ file }) => nameOf(file)));
    const added = chosen.filter((file) => !there.has(nameOf(file)));
    if (this.#rows.size + added.length > MOST_FILES) {
      return (
        `You chose ${countOf(chosen.length)}; this page takes ${MOST_FILES} at once. Nothing was added.` +
        " Choose fewer, and the others when these are submitted, or use the API."
      );
    }
    for (const file of added) this.#insert(new ChosenFile(file, this.#around, (one) => this.#show(one)), bundle);
    return null;
  }

  #insert(file: ChosenFile, bundle: string): void {
    const row = new Row(file, { onRemove: (one) => this.#remove(one), jobPage: this.#jobPage, bundles: this.#bundles });
    this.#rows.set(file, row);
    byId("files").append(row.element);
    this.#show(file);
    void file.check(bundle);
  }

  #remove(file: ChosenFile): void {
    file.remove();
    this.#rows.get(file)?.element.remove();
    this.#rows.delete(file);
    this.#show();
    byId("file").focus();
  }

  checkAgain(bundle: string): void {
    for (const file of this.#rows.keys()) void file.check(bundle);
  }

  /** Send and submit all that can be; returns when all have ended, for now. */
  async start(wishes: Wishes): Promise<void> {
    await Promise.all([...this.#rows.keys()].map((file) => file.start(wishes)));
  }

  pauseAll(): void {
    for (const file of this.#rows.keys()) file.pause();
  }

  resumeAll(): void {
    for (const file of this.#rows.keys()) if (file.stage === "paused") file.resume();
  }

  /** The files in one of these stages. */
  in(...stages: Stage[]): ChosenFile[] {
    return [...this.#rows.keys()].filter(({ stage }) => stages.includes(stage));
  }

  get size(): number {
    return this.#rows.size;
  }

  // Progress comes many times a second and for many files.
  #show(file?: ChosenFile): void {
    if (file) this.#changed.add(file);
    this.#timer ||= window.setTimeout(() => {
      this.#timer = 0;
      for (const one of this.#changed) this.#rows.get(one)?.show();
      this.#changed.clear();
      this.#showAll();
    }, SHOW_MILLISECONDS);
  }

  #showAll(): void {
    byId("files").hidden = this.size === 0;
    const going = this.in("waiting", "sending", "submitting");
    const paused = this.in("paused");
    const submitted = this.in("submitted").length;
    byId("pause-all").hidden = this.size < 2 || going.length === 0;
    byId("resume-all").hidden = this.size < 2 || paused.length === 0;
    const started = going.length + paused.length + submitted;
    setText("overall", started > 1 ? `${submitted} of ${countOf(started)} submitted.` : "");
    byId("to-jobs").hidden = submitted < 2;
    const sending = this.in("sending");
    const [sent, total, speed] = [going, going, sending].map((some, index) =>
      some.reduce((sum, one) => sum + [one.sentBytes, one.file.size, one.pace.bytesPerSecond ?? 0][index]!, 0),
    ) as [number, number, number];
    setText("pace", sending.length > 1 ? `${progressText(sent, total, speed || null)}.` : "");
  }
}

const nameOf = (file: File): string => `${file.name}/${file.size}/${file.lastModified}`;

// A screen reader reads what changes.
function setText(id: string, text: string): void {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}
