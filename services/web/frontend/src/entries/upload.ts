// The upload form: check the file, announce the upload, send the file directly to S3, submit the job.
import { announce, submit } from "../upload/api.ts";
import { faultOfFirstBytes } from "../upload/first-bytes.ts";
import { type Progress, Transfer } from "../upload/transfer.ts";
import { progressText, size } from "../upload/words.ts";

function part<Kind extends HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as Kind;
}

const form = part<HTMLFormElement>("upload");
const input = part<HTMLInputElement>("file");
const problem = part("problem");
const token = form.querySelector<HTMLInputElement>('[name="csrf_token"]')?.value ?? "";
const { uploads = "", jobs = "", page = "", limitBytes = "Infinity" } = form.dataset;
let transfer: Transfer | null = null;

function setBusy(isBusy: boolean): void {
  part<HTMLButtonElement>("send").disabled = isBusy;
  input.disabled = isBusy;
  part("abort").hidden = !isBusy;
  part("transfer").hidden = !isBusy;
}

function show(progress: Progress): void {
  part<HTMLProgressElement>("bar").value = progress.sentBytes / progress.totalBytes;
  part("transfer-text").textContent = progressText(progress);
}

function showProblem(text: string | null): void {
  problem.hidden = text === null;
  problem.textContent = text ?? "";
  input.classList.toggle("is-invalid", text !== null);
  input.setAttribute("aria-invalid", String(text !== null));
}

async function fault(file: File): Promise<string | null> {
  if (file.size > Number(limitBytes)) {
    return `The file has ${size(file.size)}; your plan accepts up to ${size(Number(limitBytes))}.`;
  }
  return faultOfFirstBytes(file);
}

async function annotate(file: File): Promise<void> {
  const wrong = await fault(file);
  if (wrong) throw new Error(wrong);
  show({ sentBytes: 0, totalBytes: file.size, secondsLeft: null });
  transfer = new Transfer();
  const upload = await announce(uploads, token, file);
  await transfer.send(upload, file, show);
  part("transfer-text").textContent = "Submitting the job …";
  part("abort").hidden = true; // too late: the job can be cancelled on its page
  const job = await submit(jobs, token, upload, {
    bundle: part<HTMLSelectElement>("bundle").value,
    split_multiallelics: part<HTMLInputElement>("split").checked,
  });
  window.location.assign(`${page}/${job.job_id}`);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const file = input.files?.[0];
  if (!file) return showProblem("Choose a file first.");
  showProblem(null);
  setBusy(true);
  annotate(file).catch((error: Error) => {
    showProblem(error.message);
    setBusy(false);
    input.focus();
  });
});
input.addEventListener("change", () => {
  const file = input.files?.[0];
  if (file) void fault(file).then(showProblem);
});
part("abort").addEventListener("click", () => transfer?.cancel());
// Browsers restore the page as it was when the user goes back: with its buttons disabled.
window.addEventListener("pageshow", () => setBusy(false));
