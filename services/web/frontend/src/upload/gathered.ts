// What many files ask at nearly the same moment, or while earlier requests are under way, goes into one request.
import { type OnTrouble, Refused } from "./api.ts";

const MOMENT_MILLISECONDS = 25;
const MOST = 20; // what the server takes at once

interface Waiting<Question, Answer> {
  question: Question;
  onTrouble: OnTrouble;
  signal: AbortSignal;
  done: (answer: Answer) => void;
  fail: (error: unknown) => void;
}

/** Asks in groups; a group that is refused is asked one by one, so that no question spoils the others. */
export class Gathered<Question, Answer> {
  readonly #atOnce: number;
  readonly #ask: (questions: Question[], onTrouble: OnTrouble) => Promise<(Answer | Refused)[]>;
  #waiting: Waiting<Question, Answer>[] = [];
  #timer = 0;
  #asking = 0;

  constructor(atOnce: number, ask: (questions: Question[], onTrouble: OnTrouble) => Promise<(Answer | Refused)[]>) {
    this.#atOnce = atOnce;
    this.#ask = ask;
  }

  /** The answer; rejects, without asking, if the signal is aborted before its group is asked. */
  of(question: Question, onTrouble: OnTrouble, signal: AbortSignal): Promise<Answer> {
    return new Promise((done, fail) => {
      this.#waiting.push({ question, onTrouble, signal, done, fail });
      this.#goOn();
    });
  }

  // Few requests at once: the longer they take, the more go into the next one.
  #goOn(): void {
    if (this.#asking >= this.#atOnce || this.#waiting.length === 0) return;
    if (this.#waiting.length >= MOST) void this.#go();
    else this.#timer ||= window.setTimeout(() => void this.#go(), MOMENT_MILLISECONDS);
  }

  async #go(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = 0;
    for (const { signal, fail } of this.#waiting) if (signal.aborted) fail(signal.reason);
    this.#waiting = this.#waiting.filter(({ signal }) => !signal.aborted);
    this.#asking += 1;
    await this.#askFor(this.#waiting.splice(0, MOST));
    this.#asking -= 1;
    this.#goOn();
  }

  async #askFor(group: Waiting<Question, Answer>[]): Promise<void> {
    if (group.length === 0) return;
    // What holds this request up holds up those behind it.
    const tell: OnTrouble = (text) => [...group, ...this.#waiting].forEach(({ onTrouble }) => onTrouble(text));
    try {
      const answers = await this.#ask(group.map(({ question }) => question), tell);
      group.forEach(({ done, fail }, index) => {
        const answer = answers[index];
        if (answer === undefined) fail(new Error("The server did not answer for this file. Try again."));
        else if (answer instanceof Refused) fail(answer);
        else done(answer);
      });
    } catch (error) {
      if (error instanceof Refused && group.length > 1) await Promise.all(group.map((one) => this.#askFor([one])));
      else group.forEach(({ fail }) => fail(error));
    }
  }
}
