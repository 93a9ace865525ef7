// The upload form: promise the upload, send the file straight to storage, submit the job.
"use strict";

const form = document.getElementById("upload");
const part = (id) => document.getElementById(id);
let transfer = null;

async function ask(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.csrf_token.value },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail);
  return said;
}

function send(promised, file) {
  return new Promise((done, fail) => {
    const data = new FormData();
    for (const [name, value] of Object.entries(promised.fields)) data.append(name, value);
    data.append("file", file);
    transfer = new XMLHttpRequest();
    transfer.upload.onprogress = (event) => show(event.loaded / event.total, "Uploading");
    transfer.onload = () => {
      const reason = /<Message>(.*?)<\/Message>/.exec(transfer.responseText)?.[1] ?? transfer.status;
      if (transfer.status < 300) done();
      else fail(new Error(`Storage refused the file: ${reason}`));
    };
    transfer.onerror = () => fail(new Error("The connection was lost. Try again."));
    transfer.onabort = () => fail(new Error("The upload was cancelled."));
    transfer.open("POST", promised.url);
    transfer.send(data);
  });
}

function show(fraction, text) {
  const percent = Math.round(fraction * 100);
  part("transfer").classList.remove("d-none");
  part("bar").style.width = `${percent}%`;
  part("bar").parentElement.setAttribute("aria-valuenow", percent);
  part("said").textContent = `${text}: ${percent}%`;
}

function setBusy(busy) {
  part("send").disabled = busy;
  part("file").disabled = busy;
  part("abort").classList.toggle("d-none", !busy);
  if (busy) part("problem").classList.add("d-none");
}

function complain(text) {
  part("problem").textContent = text;
  part("problem").classList.remove("d-none");
  part("transfer").classList.add("d-none");
}

async function annotate(file) {
  const promised = await ask(form.dataset.uploads, { filename: file.name, size_bytes: file.size });
  show(0, "Uploading");
  await send(promised, file);
  show(1, "Submitting");
  const job = await ask(form.dataset.jobs, {
    upload_id: promised.upload_id,
    bundle: part("bundle").value,
    split_multiallelics: part("split").checked,
  });
  window.location.assign(`${form.dataset.page}/${job.job_id}`);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = part("file").files[0];
  if (!file) return complain("Choose a file first.");
  setBusy(true);
  try {
    await annotate(file);
  } catch (error) {
    complain(error.message);
    setBusy(false);
  }
});
part("abort").addEventListener("click", () => transfer?.abort());
window.addEventListener("pageshow", () => setBusy(false));
