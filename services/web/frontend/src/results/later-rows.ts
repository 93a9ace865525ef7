// Rows far below the window are drawn when someone comes near them. At the first key, and before paper, all are: the
// browser's own search must find them.
import { h, isTyping } from "./dom.ts";

/** More than most windows show. */
const FIRST = 30;
/** Drawn at once when someone comes near. */
const NEXT = 50;
const NEAR = "300px 0px";
const ROW_REM = 2; // the height of a row in _grid.scss

type Make = (from: number, to: number) => HTMLElement[];

export class LaterRows {
  private readonly body: HTMLElement;
  private readonly observer: IntersectionObserver;
  /** Has the height of the rows that are not drawn, so that the frame scrolls as far as with them. */
  private readonly room = h("td");
  private readonly place = h("tr", { class: "later", "aria-hidden": "true" }, this.room);
  private make: Make = () => [];
  private drawn = 0;
  private count = 0;

  constructor(body: HTMLElement, frame: Element) {
    this.body = body;
    this.observer = new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && this.more(NEXT), { root: frame, rootMargin: NEAR });
    document.addEventListener("keydown", (event) => (event.ctrlKey || event.metaKey || !isTyping(event.target)) && this.all(), { capture: true });
    addEventListener("blur", () => this.all()); // to the browser's search, perhaps
    addEventListener("beforeprint", () => this.all());
  }

  /** Replace all rows; `make` gives those from one place to before another. */
  show(count: number, make: Make): void {
    this.make = make;
    this.count = count;
    this.drawn = Math.min(FIRST, count);
    this.body.replaceChildren(...make(0, this.drawn), this.place);
    this.follow();
  }

  /** Draw no more of them. */
  forget(): void {
    this.observer.disconnect();
    this.count = this.drawn = 0;
  }

  /** Draw what is left. */
  all(): void {
    if (this.drawn < this.count) this.more(this.count);
  }

  private more(most: number): void {
    const to = Math.min(this.drawn + most, this.count);
    this.place.before(...this.make(this.drawn, to));
    this.drawn = to;
    this.follow();
  }

  private follow(): void {
    this.observer.disconnect();
    if (this.drawn === this.count) return this.place.remove();
    this.room.style.height = `${(this.count - this.drawn) * ROW_REM}rem`;
    this.observer.observe(this.place); // tells anew if it is still near
  }
}
