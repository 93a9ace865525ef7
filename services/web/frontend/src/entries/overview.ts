// The plots of a result.
import "../styles/overview.scss";

import { startDownloads } from "../overview/downloads.ts";
import { GasPlot } from "../overview/plot.ts";

customElements.define("gas-plot", GasPlot);
startDownloads();
