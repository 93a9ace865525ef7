// The session of the page: its form token, and what happens when it ends while files are sent.
import { pause, unlessAborted } from "./waiting.ts";

const LOOK_AGAIN_MILLISECONDS = 3_000;

export class Session {
  token: string;
  readonly #page: string;
  readonly #user: string;
  readonly #onState: (text: string | null) => void;
  #renewal: Promise<void> | null = null;

  /** `page` is an address that only who is signed in gets; it has the user and a new token. */
  constructor(page: string, user: string, token: string, onState: (text: string | null) => void) {
    this.#page = page;
    this.#user = user;
    this.token = token;
    this.#onState = onState;
  }

  /** Wait until the user is signed in, perhaps in another tab, and take the new token. */
  renew(signal: AbortSignal): Promise<void> {
    this.#renewal ??= this.#wait().finally(() => (this.#renewal = null));
    return unlessAborted(signal, this.#renewal);
  }

  async #wait(): Promise<void> {
    const forever = new AbortController();
    while (true) {
      const text = await this.#look().catch(() => "GAS could not be reached. The upload goes on when it can.");
      this.#onState(text);
      if (text === null) return;
      await Promise.race([pause(LOOK_AGAIN_MILLISECONDS, forever.signal), untilLookedAt()]);
    }
  }

  // Null if all is well, else what the user should do.
  async #look(): Promise<string | null> {
    // A redirect leads to the login provider, which scripts may not follow.
    const answer = await fetch(this.#page, { redirect: "manual", signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) return "Your session has ended. Sign in again in another tab: the upload then goes on by itself.";
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const form = page.querySelector<HTMLFormElement>("form#upload");
    const token = form?.querySelector<HTMLInputElement>('[name="csrf_token"]')?.value;
    if (!form || !token) return "Your session has ended. Sign in again in another tab.";
    if (form.dataset.user !== this.#user) {
      return "Somebody else has signed in. Sign in as before in another tab: the upload then goes on by itself.";
    }
    this.token = token;
    return null;
  }
}

// People come back from the tab in which they have signed in.
function untilLookedAt(): Promise<void> {
  return new Promise((done) => {
    const look = (): void => {
      if (document.visibilityState !== "visible") return;
      window.removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
      done();
    };
    window.addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
  });
}
