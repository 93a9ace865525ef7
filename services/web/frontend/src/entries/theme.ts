// Loaded by a plain <script> in the head, before anything is drawn: the page never shows in the wrong colours. It imports
// nothing, and leaves nothing global.
{
  const chosen = localStorage.getItem("gas-theme");
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
}
