// The numbers of a plot, read from the table beside it.
export type Row = {
  label: string;
  count: number;
  colour: string;
  address: string;
  bins: number[];
};

export type Figure = {
  title: string;
  label: string;
  unit: string;
  rows: Row[];
};

function text(element: Element | null | undefined): string {
  return element?.textContent?.trim() ?? "";
}

function rowOf(row: HTMLTableRowElement): Row {
  return {
    label: text(row.cells[0]),
    count: Number(row.dataset.count),
    colour: row.dataset.colour ?? "",
    address: row.querySelector("a")?.href ?? "",
    bins: row.dataset.bins?.split(",").map(Number) ?? [],
  };
}

export function figureOf(element: HTMLElement): Figure {
  const table = element.querySelector("table");
  const heads = table?.tHead?.rows[0]?.cells;
  return {
    title: text(element.querySelector("h2")),
    label: text(heads?.[0]),
    unit: text(heads?.[1]),
    rows: [...(table?.tBodies[0]?.rows ?? [])].map(rowOf),
  };
}

/** The table as CSV (RFC 4180), bins of a contig as rows of their own. */
export function csvOf(figure: Figure, binBases: number): string {
  const lines = [[figure.label, figure.unit]];
  for (const row of figure.rows) {
    if (row.bins.length === 0) lines.push([row.label, String(row.count)]);
    row.bins.forEach((count, at) => {
      lines.push([`${row.label}:${at * binBases + 1}-${(at + 1) * binBases}`, String(count)]);
    });
  }
  return lines.map((line) => line.map(cell).join(",") + "\r\n").join("");
}

const cell = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
