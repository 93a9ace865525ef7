// The two requests of the REST API around an upload.
import type { Upload } from "./transfer.ts";

const REQUEST_MILLISECONDS = 30_000;

interface Problem {
  detail?: string;
}

export interface Submitted {
  job_id: string;
}

export interface Wishes {
  bundle: string;
  split_multiallelics: boolean;
}

async function post<Answer>(url: string, token: string, body: object): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_MILLISECONDS),
    });
  } catch {
    throw new Error("GAS could not be reached. Check the connection and try again.");
  }
  if (answer.status === 401) throw new Error("Your session has ended. Log in again, then upload the file.");
  const document = (await answer.json().catch(() => ({}))) as Answer & Problem;
  if (!answer.ok) throw new Error(document.detail ?? `GAS answered with status ${answer.status}. Try again in a minute.`);
  return document;
}

export const announce = (url: string, token: string, file: File): Promise<Upload> =>
  post(url, token, { filename: file.name, size_bytes: file.size });

export const submit = (url: string, token: string, upload: Upload, wishes: Wishes): Promise<Submitted> =>
  post(url, token, { upload_id: upload.upload_id, ...wishes });
