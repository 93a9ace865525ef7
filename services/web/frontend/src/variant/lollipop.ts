// A gene's variants along its protein. The list beside it has the same for who cannot see it.
import type { Row } from "../results/api.ts";
import { whole } from "../results/numbers.ts";
import { words } from "../results/vocabulary.ts";
import { consequenceColour } from "../palette.ts";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1000;
const LINE = 150;
const BELOW = 36;
const ABOVE = 22;
const STEM = 46;
const STEP = 13;
const RADIUS = 6;
const MOST_STACKED = 8;
const TICKS = 8;

type Attributes = Record<string, string | number>;

function element(name: string, attributes: Attributes, ...children: Node[]): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

function titled(text: string): SVGElement {
  const title = element("title", {});
  title.textContent = text;
  return title;
}

function label(text: string, attributes: Attributes): SVGElement {
  const made = element("text", attributes);
  made.textContent = text;
  return made;
}

/** Rows in the protein, by the amino acid that they begin at. */
function byPosition(rows: readonly Row[]): Map<number, Row[]> {
  const found = new Map<number, Row[]>();
  for (const row of rows) {
    const at = Number(row.protein_start);
    if (row.protein_start !== null && at > 0) found.set(at, [...(found.get(at) ?? []), row]);
  }
  return found;
}

function lollipop(row: Row, x: number, y: number, isChosen: boolean, address: string): SVGElement {
  const name = String(row.hgvsp ?? row.hgvsc ?? "");
  const text = `${name.slice(name.indexOf(":") + 1)}, ${words(String(row.term ?? ""))}`;
  const circle = element("circle", { cx: x, cy: y, r: isChosen ? RADIUS + 3 : RADIUS, fill: consequenceColour(String(row.term)), class: isChosen ? "chosen" : "" });
  return element("a", { href: address, "aria-label": text }, circle, titled(text));
}

function ticks(length: number, place: (at: number) => number): SVGElement[] {
  const step = niceStep(length / TICKS);
  const found = [];
  for (let at = step; at <= length; at += step) {
    found.push(element("line", { x1: place(at), x2: place(at), y1: LINE + 8, y2: LINE + 13, class: "tick" }));
    found.push(label(whole(at), { x: place(at), y: LINE + 28, class: "tick-label" }));
  }
  return found;
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10);
}

/** The drawing, or null where no row is in the protein. `length` is the last amino acid that is drawn. */
export function drawLollipops(rows: readonly Row[], chosen: string, addressOf: (key: string) => string): { drawing: SVGElement; length: number } | null {
  const groups = byPosition(rows);
  if (!groups.size) return null;
  const length = Math.max(...groups.keys(), ...rows.map((row) => Number(row.protein_end ?? 0)));
  const place = (at: number): number => 20 + ((WIDTH - 40) * at) / length;
  const parts: SVGElement[] = [element("rect", { x: place(0), y: LINE - 7, width: WIDTH - 40, height: 14, rx: 7, class: "protein" })];
  let highest = LINE - STEM;
  for (const [at, here] of [...groups].sort(([a], [b]) => a - b)) {
    const ordered = [...here].sort((a, b) => Number(a.key === chosen) - Number(b.key === chosen));
    const shown = ordered.slice(-MOST_STACKED);
    const top = LINE - STEM - (shown.length - 1) * STEP;
    highest = Math.min(highest, top);
    parts.push(element("line", { x1: place(at), x2: place(at), y1: LINE - 7, y2: top, class: "stem" }));
    shown.forEach((row, n) => parts.push(lollipop(row, place(at), LINE - STEM - n * STEP, row.key === chosen, addressOf(row.key))));
    if (here.length > shown.length) parts.push(label(`+${here.length - shown.length}`, { x: place(at), y: top - 10, class: "tick-label" }));
  }
  const drawing = element("svg", { viewBox: `0 ${highest - ABOVE} ${WIDTH} ${LINE + BELOW + ABOVE - highest}`, class: "lollipop", role: "group", "aria-label": "Variants along the protein" }, ...parts, ...ticks(length, place));
  return { drawing, length };
}
