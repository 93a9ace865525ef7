// Server-sent events of one job: its words and its bar, and that it has changed.
interface State {
  words: string;
  fraction: number | null;
}

function show(part: HTMLElement, { words, fraction }: State): void {
  const text = part.querySelector<HTMLElement>("[data-live-words]");
  if (text) text.textContent = words;
  const bar = part.querySelector<HTMLProgressElement>("[data-live-bar]");
  if (bar && fraction !== null) {
    bar.max = 1;
    bar.value = fraction;
  }
}

/** Follow until the job has changed (true), or until the page is hidden or the stream ends (false). */
export function follow(part: HTMLElement, address: string): Promise<boolean> {
  const { version } = (part.firstElementChild as HTMLElement).dataset;
  const url = new URL(address, location.href);
  url.searchParams.set("version", version ?? "0");
  return new Promise((done) => {
    // A hidden page gives its connection back: a browser has six to a server.
    if (document.hidden) return done(false);
    const source = new EventSource(url);
    const end = (isChanged: boolean): void => {
      source.close();
      document.removeEventListener("visibilitychange", hide);
      done(isChanged);
    };
    const hide = (): void => end(false);
    document.addEventListener("visibilitychange", hide);
    source.addEventListener("state", (event) => show(part, JSON.parse((event as MessageEvent<string>).data) as State));
    source.addEventListener("changed", () => end(true));
    source.addEventListener("error", hide);
  });
}
