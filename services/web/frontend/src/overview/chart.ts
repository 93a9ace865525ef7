// ECharts with what our plots use: half a megabyte, so it is loaded when the first plot comes into view.
import { BarChart, HeatmapChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { type ECharts, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, HeatmapChart, GridComponent, TooltipComponent, VisualMapComponent, AriaComponent, SVGRenderer]);

/** An empty chart, drawn as SVG. */
export const chartIn = (box: HTMLElement): ECharts => init(box, null, { renderer: "svg" });
