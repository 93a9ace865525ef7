// The upload page: choose files, look at their beginnings, send them directly to S3, submit their jobs.
import { byId } from "../results/dom.ts";
import { Api, Refused, type Wishes } from "../upload/api.ts";
import type { Bundle } from "../upload/builds.ts";
import type { Surroundings } from "../upload/chosen-file.ts";
import { FileList } from "../upload/file-list.ts";
import { Gathered } from "../upload/gathered.ts";
import { Memory } from "../upload/kept.ts";
import { pastedFile } from "../upload/pasted.ts";
import { Session } from "../upload/session.ts";
import { showUnfinished, takeOff } from "../upload/unfinished.ts";

const form = byId<HTMLFormElement>("upload");
const input = byId<HTMLInputElement>("file");
const bundle = byId<HTMLSelectElement>("bundle");
const split = byId<HTMLInputElement>("split");
const { api = "", page = "", here = "", user = "", limitBytes = "Infinity", sample = "", sampleBundle = "" } = form.dataset;
const token = form.querySelector<HTMLInputElement>('[name="csrf_token"]')?.value ?? "";

const session = new Session(here, user, token, (text) => {
  byId("signed-out").hidden = text === null;
  byId("signed-out-text").textContent = text ?? "";
});
const memory = new Memory(user, takeOff);
const bundles = JSON.parse(form.dataset.bundles ?? "[]") as Bundle[];
const never = new AbortController().signal;
const around: Surroundings = {
  root: api,
  session,
  memory,
  bundles,
  limitBytes: Number(limitBytes),
  onRecognised: takeOff,
  announced: new Gathered(1, (files, onTrouble) => new Api(api, session, never, onTrouble).announce(files)),
  // All files of the page are submitted with the wishes of one form, at one click or at the next.
  // The server submits the jobs of a request one after the other.
  submitted: new Gathered(2, async (asked, onTrouble) => {
    const same = asked.every(({ wishes }) => isEqual(wishes, asked[0]?.wishes));
    if (!same) throw new Refused("", "The wishes differ."); // they are asked one by one then
    return new Api(api, session, never, onTrouble).submitAll(asked.map(({ id }) => id), asked[0]!.wishes);
  }),
};
const list = new FileList(around, page, bundles);

function isEqual(one: Wishes, other: Wishes | undefined): boolean {
  return one.bundle === other?.bundle && one.split_multiallelics === other.split_multiallelics;
}

function showProblem(text: string | null): void {
  const problem = byId("problem");
  problem.hidden = text === null;
  problem.textContent = text ?? "";
  input.classList.toggle("is-invalid", text !== null);
  input.setAttribute("aria-invalid", String(text !== null));
}

function add(files: readonly File[]): void {
  showProblem(files.length ? list.add(files, bundle.value) : null);
}

async function start(): Promise<void> {
  const wishes: Wishes = { bundle: bundle.value, split_multiallelics: split.checked };
  await list.start(wishes);
  const [only] = list.in("submitted");
  if (only?.job && list.size === 1) window.location.assign(`${page}/${only.job.job_id}`);
}

function showAddressProblem(text: string | null): void {
  const problem = byId("url-problem");
  problem.hidden = text === null;
  problem.textContent = text ?? "";
  byId("url").classList.toggle("is-invalid", text !== null);
}

// Why there is nothing to send; null if there is something.
function whyNothing(): string | null {
  if (!list.size) return "Choose a file first.";
  const submitted = list.in("submitted").length;
  if (submitted === list.size) return "All of these are submitted already. Choose more files, or see your jobs.";
  const stuck = list.in("refused", "changed").length;
  return submitted + stuck === list.size ? "There is nothing left to send: see what stands beside each file." : null;
}

// The form itself is of an address; files are sent by this page.
function mayFetch(): boolean {
  const address = byId<HTMLInputElement>("url");
  const isEmpty = !address.value.trim();
  const hasFiles = list.in("submitted").length < list.size;
  const text = isEmpty ? "Write the address of the file first." : hasFiles ? "Send the chosen files first, or remove them: this page is left for the job." : null;
  showAddressProblem(text);
  if (text) address.focus();
  return text === null;
}

form.addEventListener("submit", (event) => {
  if (event.submitter?.id === "fetch" && mayFetch()) return;
  event.preventDefault();
  if (event.submitter?.id === "fetch") return;
  const text = whyNothing();
  showProblem(text);
  if (text) return input.focus();
  void start();
});
input.addEventListener("change", () => {
  add([...(input.files ?? [])]);
  input.value = ""; // so that the same file can be chosen again
});
bundle.addEventListener("change", () => list.checkAgain(bundle.value));
byId("pause-all").addEventListener("click", () => list.pauseAll());
byId("resume-all").addEventListener("click", () => list.resumeAll());

const drop = byId("drop");
for (const type of ["dragenter", "dragover"]) {
  drop.addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.add("border-primary");
  });
}
for (const type of ["dragleave", "drop"]) drop.addEventListener(type, () => drop.classList.remove("border-primary"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  add([...(event.dataTransfer?.files ?? [])]);
});

byId("add-pasted").addEventListener("click", () => {
  const text = byId<HTMLTextAreaElement>("pasted");
  if (!text.value.trim()) return text.focus();
  add([pastedFile(text.value, list.size + 1)]);
  text.value = "";
});

byId("sample").addEventListener("click", async () => {
  const answer = await fetch(sample, { signal: AbortSignal.timeout(30_000) }).catch(() => null);
  if (!answer?.ok) return showProblem("The sample could not be fetched. Check the connection and try again.");
  bundle.value = sampleBundle;
  add([new File([await answer.blob()], "sample.vcf", { lastModified: 0 })]);
  void start();
});

window.addEventListener("beforeunload", (event) => {
  if (list.in("waiting", "sending", "submitting").length) event.preventDefault();
});

void showUnfinished(api, session, memory).then((left) => {
  const last = left.at(-1);
  if (!last) return;
  bundle.value = last.wishes.bundle;
  split.checked = last.wishes.split_multiallelics;
});
