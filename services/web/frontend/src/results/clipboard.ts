// What is said in passing; and copying: every element with data-copy puts that text into the clipboard, and says so.
import { Refusal } from "./api.ts";
import { fill } from "./dom.ts";

const SHOWN_MILLISECONDS = 2500;

/** A short word that fades, and is read by screen readers. */
export function say(text: string): void {
  let box = document.getElementById("said");
  if (!box) {
    box = document.createElement("div");
    box.id = "said";
    box.className = "said";
    box.setAttribute("role", "status");
    document.body.append(box);
  }
  fill(box, text);
  box.classList.add("on");
  window.setTimeout(() => box.classList.remove("on"), SHOWN_MILLISECONDS);
}

/** Do it, and say what was refused. */
export async function told(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    say(error instanceof Refusal ? error.message : "That did not work. Try again in a minute.");
  }
}

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
  } catch {
    say("The browser does not allow copying here");
  }
}

export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    if (button) void copy(button.dataset.copy ?? "");
  });
}
