// Draws plots one after the other, with a pause in which the page answers clicks.
import type { ECharts } from "echarts/core";

type Draw = (chartIn: (box: HTMLElement) => ECharts) => void;

let last: Promise<void> = Promise.resolve();

/** Resolves when the drawing is done; the library is loaded before the first one. */
export function inTurn(draw: Draw): Promise<void> {
  last = last.catch(() => undefined).then(async () => {
    const { chartIn } = await import("./chart.ts");
    await new Promise((done) => setTimeout(done));
    draw(chartIn);
  });
  return last;
}
