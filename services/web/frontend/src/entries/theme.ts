// Loaded by a plain <script> in the head, before anything is drawn: the page never shows in the wrong colours.
// It imports nothing, and leaves nothing global. site/theme.ts has the switch.
{
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem("gas-theme");
  } catch {
    // storage is blocked: as the system says
  }
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
}
