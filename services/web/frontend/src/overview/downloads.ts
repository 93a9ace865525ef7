// The buttons of a plot: PNG, SVG, CSV.
import { csvOf } from "./figure.ts";
import { GasPlot } from "./plot.ts";

const PNG_SCALE = 2;

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

async function png(plot: GasPlot): Promise<Blob> {
  const { width, height } = plot.getBoundingClientRect();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await plot.svg())}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * PNG_SCALE;
  canvas.height = height * PNG_SCALE;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no image")))));
}

async function download(format: string, plot: GasPlot, name: string): Promise<void> {
  if (format === "png") return save(await png(plot), `${name}.png`);
  if (format === "svg") return save(new Blob([await plot.svg()], { type: "image/svg+xml" }), `${name}.svg`);
  save(new Blob([csvOf(plot.figure, plot.binBases)], { type: "text/csv" }), `${name}.csv`);
}

export function startDownloads(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-download]");
    const figure = button?.closest("figure");
    const plot = figure?.querySelector("gas-plot");
    if (button && figure && plot instanceof GasPlot) void download(button.dataset.download ?? "", plot, figure.id);
  });
}
