// The upload form: announce the upload, send the file directly to S3, submit the job.
"use strict";

const form = document.getElementById("upload");
const part = (id) => document.getElementById(id);
let transfer = null;

async function postJson(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.csrf_token.value },
    body: JSON.stringify(body),
  });
  const document = await answer.json();
  if (!answer.ok) throw new Error(document.detail);
  return document;
}

// XMLHttpRequest, because fetch reports no progress of an upload.
function send(upload, file) {
  return new Promise((done, fail) => {
    const data = new FormData();
    for (const [name, value] of Object.entries(upload.fields)) data.append(name, value);
    data.append("file", file); // last: S3 ignores every field after the file
    transfer = new XMLHttpRequest();
    transfer.upload.onprogress = (event) => show(event.loaded / event.total, "Uploading");
    transfer.onload = () => {
      const reason = /<Message>(.*?)<\/Message>/.exec(transfer.responseText)?.[1] ?? transfer.status;
      if (transfer.status < 300) done();
      else fail(new Error(`The storage refused the file: ${reason}. Try again.`));
    };
    transfer.onerror = () => fail(new Error("The connection was lost. Check it and try again."));
    transfer.onabort = () => fail(new Error("The upload was cancelled."));
    transfer.open("POST", upload.url);
    transfer.send(data);
  });
}

function show(fraction, text) {
  const percent = Math.round(fraction * 100);
  part("transfer").classList.remove("d-none");
  part("bar").style.width = `${percent}%`;
  part("bar").parentElement.setAttribute("aria-valuenow", percent);
  part("transfer-text").textContent = `${text}: ${percent}%`;
}

function setBusy(busy) {
  part("send").disabled = busy;
  part("file").disabled = busy;
  part("abort").classList.toggle("d-none", !busy);
  if (busy) part("problem").classList.add("d-none");
}

function showProblem(text) {
  part("problem").textContent = text;
  part("problem").classList.remove("d-none");
  part("transfer").classList.add("d-none");
}

async function annotate(file) {
  const upload = await postJson(form.dataset.uploads, { filename: file.name, size_bytes: file.size });
  show(0, "Uploading");
  await send(upload, file);
  show(1, "Submitting");
  const job = await postJson(form.dataset.jobs, {
    upload_id: upload.upload_id,
    bundle: part("bundle").value,
    split_multiallelics: part("split").checked,
  });
  window.location.assign(`${form.dataset.page}/${job.job_id}`);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = part("file").files[0];
  if (!file) return showProblem("Choose a file first.");
  setBusy(true);
  try {
    await annotate(file);
  } catch (error) {
    showProblem(error.message);
    setBusy(false);
  }
});
part("abort").addEventListener("click", () => transfer?.abort());
// Browsers restore the page as it was when the user goes back: with its buttons disabled.
window.addEventListener("pageshow", () => setBusy(false));
