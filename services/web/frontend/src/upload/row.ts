// How one chosen file looks in the list.
import { byId } from "../results/dom.ts";
import { type Bundle, fitting } from "./builds.ts";
import type { ChosenFile, Stage } from "./chosen-file.ts";
import { progressText, samplesText, size } from "./words.ts";

const STAGES: Record<Stage, string> = {
  checking: "Looking at its beginning …",
  refused: "",
  changed: "",
  ready: "Ready.",
  waiting: "Waiting for its turn.",
  sending: "",
  paused: "Paused.",
  submitting: "Submitting the job …",
  submitted: "Submitted.",
  failed: "",
};

interface Actions {
  onRemove: (file: ChosenFile) => void;
  jobPage: string;
  bundles: readonly Bundle[];
}

export class Row {
  readonly element: HTMLLIElement;
  readonly #file: ChosenFile;
  readonly #actions: Actions;

  constructor(file: ChosenFile, actions: Actions) {
    const template = byId<HTMLTemplateElement>("file-row").content.cloneNode(true) as DocumentFragment;
    this.element = template.querySelector("li") as HTMLLIElement;
    this.#file = file;
    this.#actions = actions;
    this.#part("name").textContent = file.file.name;
    this.#part("size").textContent = size(file.file.size);
    this.#on("pause", () => file.pause());
    this.#on("resume", () => file.resume());
    this.#on("as-new", () => void file.takeAsNew());
    this.#on("remove", () => actions.onRemove(file));
    for (const name of ["pause", "resume", "as-new", "remove"]) {
      const button = this.#part(name);
      button.setAttribute("aria-label", `${button.textContent?.trim()}: ${file.file.name}`);
    }
  }

  /** Show the file as it is now. */
  show(): void {
    const { stage, fault, trouble, job, sentBytes } = this.#file;
    this.element.dataset.stage = stage;
    this.#part("about").textContent = this.#about();
    this.#part("state").textContent = trouble ?? this.#state();
    this.#part("state").classList.toggle("text-warning-emphasis", trouble !== null);
    this.#part("fault").textContent = fault ?? "";
    this.#part("fault").hidden = fault === null;
    const bar = this.#part<HTMLProgressElement>("bar");
    bar.hidden = !["waiting", "sending", "paused", "submitting"].includes(stage);
    bar.value = sentBytes / Math.max(1, this.#file.file.size);
    this.#part("pause").hidden = !["waiting", "sending"].includes(stage);
    this.#part("resume").hidden = stage !== "paused" && stage !== "failed";
    this.#part("as-new").hidden = stage !== "changed";
    this.#part("remove").hidden = stage === "submitting" || stage === "submitted";
    const link = this.#part<HTMLAnchorElement>("job");
    link.hidden = job === null;
    if (job) link.href = `${this.#actions.jobPage}/${job.job_id}`;
  }

  #about(): string {
    const header = this.#file.head?.header;
    if (!header) return "";
    const bundle = fitting(header.contigs, this.#actions.bundles);
    const told = [bundle && `contigs of ${bundle.title}`, header.samples && samplesText(header.samples)];
    return told.filter((text) => text).join(" · ");
  }

  #state(): string {
    const { stage, kept, sentBytes, file, pace } = this.#file;
    if (stage === "ready" && kept) return "A part of it is there already: only what is missing is sent.";
    if (stage === "sending") return progressText(sentBytes, file.size, pace.bytesPerSecond);
    if (stage === "paused") return `Paused. ${progressText(sentBytes, file.size, null)}.`;
    return STAGES[stage];
  }

  #part<Kind extends HTMLElement>(name: string): Kind {
    return this.element.querySelector(`[data-part="${name}"]`) as Kind;
  }

  #on(name: string, action: () => void): void {
    this.#part(name).addEventListener("click", action);
  }
}
