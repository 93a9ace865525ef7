// Sends a file directly to S3, with progress and a way to stop.
export interface Upload {
  upload_id: string;
  url: string;
  fields: Record<string, string>;
}

export interface Progress {
  sentBytes: number;
  totalBytes: number;
  secondsLeft: number | null;
}

const SILENCE_MILLISECONDS = 60_000;

// XMLHttpRequest, because fetch reports no progress of an upload.
export class Transfer {
  readonly #request = new XMLHttpRequest();
  #silence = 0;
  #isCancelled = false;
  #reason = "The upload was cancelled. Nothing was kept.";

  /** Send the file; rejects with a message for its owner. */
  send(upload: Upload, file: File, onProgress: (progress: Progress) => void): Promise<void> {
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
    form.append("file", file); // last: S3 ignores every field after the file
    const began = performance.now();
    return new Promise<void>((done, fail) => {
      if (this.#isCancelled) return fail(new Error(this.#reason)); // before the first byte
      this.#request.upload.onprogress = ({ loaded, total }) => {
        this.#watchSilence();
        onProgress({ sentBytes: loaded, totalBytes: total, secondsLeft: left(loaded, total, began) });
      };
      this.#request.onload = () => (this.#request.status < 300 ? done() : fail(new Error(this.#refusal())));
      this.#request.onerror = () => fail(new Error("The connection was lost. Check it and try again."));
      this.#request.onabort = () => fail(new Error(this.#reason));
      this.#request.open("POST", upload.url);
      this.#watchSilence();
      this.#request.send(form);
    }).finally(() => clearTimeout(this.#silence));
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#request.abort();
  }

  // A connection can die without an error; an upload that stands still for a minute has ended.
  #watchSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => {
      this.#reason = "Nothing could be sent for a minute. Check the connection and try again.";
      this.#request.abort();
    }, SILENCE_MILLISECONDS);
  }

  #refusal(): string {
    const said = /<Message>(.*?)<\/Message>/.exec(this.#request.responseText)?.[1];
    return `The storage refused the file: ${said ?? this.#request.status}. Try again.`;
  }
}

// In seconds; null while there is too little to tell from.
function left(loaded: number, total: number, began: number): number | null {
  const seconds = (performance.now() - began) / 1000;
  return seconds > 2 && loaded > 0 ? (seconds / loaded) * (total - loaded) : null;
}
