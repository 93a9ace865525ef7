// One request that sends bytes to the storage, with progress.
const SILENCE_MILLISECONDS = 60_000;

/** The connection broke, or the storage is too busy: the same request may succeed later. */
export class Lost extends Error {}

/** The storage will not take this request. */
export class StorageRefusal extends Error {}

/** Send the body; resolves when it is stored. Rejects with Lost, StorageRefusal, or the signal's reason. */
export function send(
  method: "POST" | "PUT",
  url: string,
  body: Blob | FormData,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<void> {
  // XMLHttpRequest, because fetch reports no progress of an upload.
  const request = new XMLHttpRequest();
  let silence = 0;
  // A connection can die without an error.
  const watch = (): void => {
    clearTimeout(silence);
    silence = window.setTimeout(() => request.abort(), SILENCE_MILLISECONDS);
  };
  const stop = (): void => request.abort();
  return new Promise<void>((done, fail) => {
    if (signal.aborted) return fail(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    request.upload.onprogress = ({ loaded }) => {
      watch();
      onSent(loaded);
    };
    request.onload = () => (request.status < 300 ? done() : fail(refusal(request)));
    request.onerror = () => fail(new Lost());
    request.onabort = () => fail(signal.aborted ? signal.reason : new Lost());
    request.open(method, url);
    watch();
    request.send(body);
  }).finally(() => {
    clearTimeout(silence);
    signal.removeEventListener("abort", stop);
  });
}

function refusal({ status, responseText }: XMLHttpRequest): Error {
  if (status >= 500 || status === 408 || status === 429) return new Lost();
  const said = /<Message>(.*?)<\/Message>/.exec(responseText)?.[1];
  return new StorageRefusal(`The storage refused the file: ${said ?? `status ${status}`}. Try again.`);
}
