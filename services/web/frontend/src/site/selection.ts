// Rows with a checkbox (data-choose="FORM"): all at once, how many are chosen, and what needs some.
// Live parts are drawn anew: what is chosen is remembered here.
const chosen = new Set<string>();

const boxes = (): HTMLInputElement[] => [...document.querySelectorAll<HTMLInputElement>("input[data-choose]")];

function show(): void {
  const all = boxes();
  for (const box of all) box.checked = chosen.has(box.value);
  const count = all.filter((box) => box.checked).length;
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-needs-chosen]")) button.disabled = count === 0;
  // Of several, their number is asked about first; one alone can be seen.
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-confirm-many]"))
    if (count > 1) button.dataset.confirm = button.dataset.confirmMany?.replace("#", String(count));
    else delete button.dataset.confirm;
  for (const words of document.querySelectorAll<HTMLElement>("[data-chosen]"))
    words.textContent = count ? `${count} chosen` : "";
  for (const box of document.querySelectorAll<HTMLInputElement>("[data-choose-all]")) {
    box.hidden = all.length === 0;
    box.checked = count > 0 && count === all.length;
    box.indeterminate = count > 0 && count < all.length;
  }
}

function note(box: HTMLInputElement): void {
  if (box.checked) chosen.add(box.value);
  else chosen.delete(box.value);
}

export function startSelection(): void {
  if (!document.querySelector("[data-needs-chosen]")) return;
  // The back button brings the ticks of before.
  for (const box of boxes()) note(box);
  show();
  document.addEventListener("htmx:after:swap", show);
  window.addEventListener("pageshow", () => {
    for (const box of boxes()) note(box);
    show();
  });
  document.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.matches("input[data-choose]")) note(box);
    else if (box.matches("[data-choose-all]")) for (const one of boxes()) (one.checked = box.checked), note(one);
    else return;
    show();
  });
}
