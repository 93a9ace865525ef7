// <gas-plot kind colours>: draws the table of the figure that it is in. Its drawing is in a shadow tree, which
// stays when the page around it is updated. It draws when it comes near the window, one plot a task, so that
// the page answers meanwhile.
import type { ECharts } from "echarts/core";

import { inTurn } from "./drawing.ts";
import { figureOf, type Figure } from "./figure.ts";
import { heightOf, lookOf, optionsOf } from "./options.ts";

/** So near the window a plot is drawn before it is seen. */
const NEAR = "300px";

type Click = { componentType: string; dataIndex?: number; value?: unknown; data?: unknown };

export class GasPlot extends HTMLElement {
  #chart: ECharts | undefined;
  #figure: Figure | undefined;
  #drawn: Promise<void> | undefined;
  #box: HTMLElement | undefined;
  readonly #sizes = new ResizeObserver(() => this.#chart?.resize());
  readonly #places = new IntersectionObserver((places) => {
    if (places.some(({ isIntersecting }) => isIntersecting)) void this.draw();
  }, { rootMargin: NEAR });
  readonly #themes = new MutationObserver(() => this.#paint());

  connectedCallback(): void {
    const figure = this.closest("figure");
    if (!figure || this.#box) return;
    this.#figure = figureOf(figure);
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    const box = document.createElement("div");
    box.style.height = `${heightOf(this.kind, this.#figure)}px`;
    shadow.replaceChildren(box);
    this.#box = box;
    this.#places.observe(this);
  }

  /** Draw it, if that is not done or under way. */
  draw(): Promise<void> {
    this.#places.disconnect();
    this.#drawn ??= inTurn((chartIn) => {
      if (!this.#box) return; // it has left the page
      this.#chart = chartIn(this.#box);
      this.#chart.on("click", (event) => this.#open(event as Click));
      this.#paint();
      this.#sizes.observe(this);
      this.#themes.observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
    });
    return this.#drawn;
  }

  disconnectedCallback(): void {
    this.#sizes.disconnect();
    this.#themes.disconnect();
    this.#chart?.dispose();
    this.#chart = undefined;
    this.#places.disconnect();
    this.#box = undefined;
    this.#drawn = undefined;
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
  async svg(): Promise<string> {
    await this.draw();
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
