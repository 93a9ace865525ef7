// The switch between light, dark and as the system says. entries/theme.ts applies the choice at the next load.
const KEY = "gas-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
type Choice = "light" | "dark" | "auto";

function stored(): Choice {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "auto";
  } catch {
    return "auto";
  }
}

function store(choice: Choice): void {
  try {
    if (choice === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // storage is blocked: the choice holds for this page
  }
}

function apply(choice: Choice): void {
  const dark = choice === "dark" || (choice === "auto" && system.matches);
  document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
    const isChosen = button.dataset.themeChoice === choice;
    button.setAttribute("aria-pressed", String(isChosen));
    button.classList.toggle("active", isChosen);
  }
  // charts draw themselves again
  document.dispatchEvent(new CustomEvent("gas:theme", { detail: dark ? "dark" : "light" }));
}

/** Make the buttons with ``data-theme-choice`` work, and follow the system while it decides. */
export function startThemeSwitch(): void {
  let choice = stored();
  apply(choice);
  system.addEventListener("change", () => apply(choice));
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
    button.addEventListener("click", () => {
      choice = button.dataset.themeChoice as Choice;
      store(choice);
      apply(choice);
    });
  }
}
