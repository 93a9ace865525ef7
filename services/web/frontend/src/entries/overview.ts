// The plots of a result.
import "../styles/overview.scss";

import { startDownloads } from "../overview/downloads.ts";
import { GasPlot } from "../overview/plot.ts";

customElements.define("gas-plot", GasPlot);
startDownloads();
// paper shows all of the page
addEventListener("beforeprint", () => {
  for (const plot of document.querySelectorAll("gas-plot")) if (plot instanceof GasPlot) void plot.draw();
});
