// What ECharts is to draw of a figure.
import type { EChartsCoreOption } from "echarts/core";

import { consequenceColour, impactColour, type Impact } from "../palette.ts";
import type { Figure, Row } from "./figure.ts";

const LETTER_PIXELS = 7.6; // of capitals, the widest that labels have
const MOST_LABEL_PIXELS = 215;
const BAR_PIXELS = 22;
const STRIP_PIXELS = 18;
const FRAME_PIXELS = 76;

export type Look = { text: string; faint: string; plain: string; ground: string };

export function lookOf(element: Element): Look {
  const style = getComputedStyle(element);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: value("--bs-body-color"),
    faint: value("--bs-border-color"),
    plain: value("--gas-plot"),
    ground: value("--bs-body-bg"),
  };
}

export function heightOf(kind: string, figure: Figure): number {
  if (kind === "bars") return FRAME_PIXELS / 2 + BAR_PIXELS * Math.max(figure.rows.length, 2);
  if (kind === "density") return FRAME_PIXELS + STRIP_PIXELS * Math.max(figure.rows.length, 2);
  return 220;
}

function colourOf(row: Row, colours: string, look: Look): string {
  if (colours === "consequence") return consequenceColour(row.colour);
  if (colours === "impact") return impactColour(row.colour as Impact);
  return look.plain;
}

function labelPixels(figure: Figure): number {
  const longest = Math.max(...figure.rows.map((row) => row.label.length));
  return Math.min(MOST_LABEL_PIXELS, Math.ceil(longest * LETTER_PIXELS) + 4);
}

const thousands = (value: number): string => value.toLocaleString("en");

export function optionsOf(kind: string, figure: Figure, colours: string, binBases: number, look: Look): EChartsCoreOption {
  const shared = {
    animation: false,
    aria: { enabled: true, label: { description: `${figure.title}. The numbers are in the table below.` } },
    textStyle: { fontFamily: "inherit", color: look.text },
    tooltip: { trigger: "item", confine: true, backgroundColor: look.ground, textStyle: { color: look.text } },
  };
  if (kind === "density") return { ...shared, ...density(figure, binBases, look) };
  return { ...shared, ...bars(kind, figure, colours, look) };
}

function bars(kind: string, figure: Figure, colours: string, look: Look): EChartsCoreOption {
  const isUpright = kind === "histogram";
  const names = {
    type: "category",
    data: figure.rows.map((row) => row.label),
    inverse: !isUpright,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: look.faint } },
    axisLabel: isUpright
      ? { color: look.text, hideOverlap: true, fontSize: 11 }
      : { color: look.text, width: labelPixels(figure), overflow: "truncate", interval: 0 },
    triggerEvent: true,
  };
  const counts = {
    type: "value",
    minInterval: 1,
    splitNumber: 4,
    splitLine: { lineStyle: { color: look.faint } },
    axisLabel: { color: look.text, hideOverlap: true, formatter: short },
  };
  return {
    grid: { left: isUpright ? 46 : labelPixels(figure) + 12, right: 52, top: 10, bottom: 24 },
    xAxis: isUpright ? names : counts,
    yAxis: isUpright ? counts : names,
    series: [
      {
        type: "bar",
        barCategoryGap: isUpright ? "8%" : "28%",
        // A bar of one in a million is still to be seen and clicked.
        barMinHeight: 2,
        label: isUpright ? { show: false } : { show: true, position: "right", color: look.text, formatter: labelOf },
        data: figure.rows.map((row) => ({
          value: row.count,
          cursor: row.address ? "pointer" : "default",
          itemStyle: { color: colourOf(row, colours, look), borderColor: look.faint, borderWidth: 0.5, borderRadius: 2 },
        })),
      },
    ],
  };
}

const labelOf = (item: { value: number }): string => thousands(item.value);

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1e3 ? `${value / 1e3}k` : String(value);
}

function density(figure: Figure, binBases: number, look: Look): EChartsCoreOption {
  const most = Math.max(1, ...figure.rows.flatMap((row) => row.bins));
  const width = Math.max(1, ...figure.rows.map((row) => row.bins.length));
  const cells = figure.rows.flatMap((row, y) => row.bins.map((count, x) => [x, y, count]));
  const place = (x: number): string => `${thousands(Math.round((x * binBases) / 1e5) / 10)} Mb`;
  return {
    grid: { left: labelPixels(figure) + 12, right: 24, top: 4, bottom: 56 },
    xAxis: {
      type: "category",
      data: Array.from({ length: width }, (_, x) => place(x)),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: look.text, hideOverlap: true, fontSize: 11 },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: figure.rows.map((row) => row.label),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: look.text, width: labelPixels(figure), overflow: "truncate", interval: 0 },
    },
    visualMap: {
      min: 0,
      max: most,
      calculable: false,
      orient: "horizontal",
      left: "center",
      bottom: 0,
      itemHeight: 90,
      itemWidth: 10,
      text: [thousands(most), "0"],
      textStyle: { color: look.text },
      inRange: { color: [look.faint, look.plain] },
    },
    series: [
      {
        type: "heatmap",
        data: cells,
        cursor: "pointer",
        itemStyle: { borderColor: look.ground, borderWidth: 1 },
        tooltip: {
          formatter: ({ data: [x, y, count] }: { data: [number, number, number] }) =>
            `${figure.rows[y]?.label}:${thousands(x * binBases + 1)}–${thousands((x + 1) * binBases)}<br>${thousands(count)}`,
        },
      },
    ],
  };
}
