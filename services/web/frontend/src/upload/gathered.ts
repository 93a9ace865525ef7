// What many files ask at nearly the same moment goes into one request.
import { type OnTrouble, Refused } from "./api.ts";

const MOMENT_MILLISECONDS = 25;
const MOST = 20; // what the server takes at once

interface Waiting<Question, Answer> {
  question: Question;
  onTrouble: OnTrouble;
  done: (answer: Answer) => void;
  fail: (error: unknown) => void;
}

/** Asks in groups; a group that is refused is asked one by one, so that no question spoils the others. */
export class Gathered<Question, Answer> {
  readonly #ask: (questions: Question[], onTrouble: OnTrouble) => Promise<(Answer | Refused)[]>;
  #waiting: Waiting<Question, Answer>[] = [];
  #timer = 0;

  constructor(ask: (questions: Question[], onTrouble: OnTrouble) => Promise<(Answer | Refused)[]>) {
    this.#ask = ask;
  }

  of(question: Question, onTrouble: OnTrouble): Promise<Answer> {
    return new Promise((done, fail) => {
      this.#waiting.push({ question, onTrouble, done, fail });
      if (this.#waiting.length >= MOST) this.#go();
      else this.#timer ||= window.setTimeout(() => this.#go(), MOMENT_MILLISECONDS);
    });
  }

  #go(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const group = this.#waiting;
    this.#waiting = [];
    void this.#askFor(group);
  }

  async #askFor(group: Waiting<Question, Answer>[]): Promise<void> {
    const tell: OnTrouble = (text) => group.forEach(({ onTrouble }) => onTrouble(text));
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
