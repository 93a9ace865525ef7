// <gas-plot kind colours>: draws the table of the figure that it is in. Its drawing is in a shadow tree, which
// stays when the page around it is updated.
import { BarChart, HeatmapChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { type ECharts, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

import { figureOf, type Figure } from "./figure.ts";
import { heightOf, lookOf, optionsOf } from "./options.ts";

use([BarChart, HeatmapChart, GridComponent, TooltipComponent, VisualMapComponent, AriaComponent, SVGRenderer]);

type Click = { componentType: string; dataIndex?: number; value?: unknown; data?: unknown };

export class GasPlot extends HTMLElement {
  #chart: ECharts | undefined;
  #figure: Figure | undefined;
  readonly #sizes = new ResizeObserver(() => this.#chart?.resize());
  readonly #themes = new MutationObserver(() => this.#paint());

  connectedCallback(): void {
    const figure = this.closest("figure");
    if (!figure || this.#chart) return;
    this.#figure = figureOf(figure);
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    const box = document.createElement("div");
    box.style.height = `${heightOf(this.kind, this.#figure)}px`;
    shadow.replaceChildren(box);
    this.#chart = init(box, null, { renderer: "svg" });
    this.#chart.on("click", (event) => this.#open(event as Click));
    this.#paint();
    this.#sizes.observe(this);
    this.#themes.observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  }

  disconnectedCallback(): void {
    this.#sizes.disconnect();
    this.#themes.disconnect();
    this.#chart?.dispose();
    this.#chart = undefined;
  }

  get kind(): string {
    return this.getAttribute("kind") ?? "bars";
  }

  get binBases(): number {
    return Number(this.getAttribute("bin-bases") ?? 0);
  }

  get figure(): Figure {
    return this.#figure ?? { title: "", label: "", unit: "", rows: [] };
  }

  /** The drawing as an SVG document. */
  svg(): string {
    return this.#chart?.renderToSVGString() ?? "";
  }

  #paint(): void {
    const colours = this.getAttribute("colours") ?? "";
    this.#chart?.setOption(optionsOf(this.kind, this.figure, colours, this.binBases, lookOf(this)), true);
  }

  #open({ componentType, dataIndex, value, data }: Click): void {
    const address =
      this.kind === "density"
        ? this.#windowAddress(data as [number, number, number])
        : this.figure.rows.find((row, at) => (componentType === "series" ? at === dataIndex : row.label === value))?.address;
    if (address) location.assign(address);
  }

  #windowAddress([x, y]: [number, number, number]): string {
    const row = this.figure.rows[y];
    if (!row?.address) return "";
    const region = `${row.label}:${x * this.binBases + 1}-${(x + 1) * this.binBases}`;
    const address = this.getAttribute("address") ?? "";
    return `${address}${address.includes("?") ? "&" : "?"}${new URLSearchParams({ region })}`;
  }
}
