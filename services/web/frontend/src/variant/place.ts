// What the template tells the pages of a variant and of a gene.
import { current, written } from "../results/address.ts";
import { VariantsApi } from "../results/api.ts";
import { byId, fill } from "../results/dom.ts";
import { whole } from "../results/numbers.ts";
import { familyQuestion } from "./family.ts";
import { drawLollipops } from "./lollipop.ts";

export const MOST_ROWS = 500;
export const COLUMNS = [
  ...["contig", "pos", "ref", "alt", "consequence", "term", "impact", "worst_term", "worst_impact", "hgvsc", "hgvsp"],
  ...["protein_start", "protein_end", "max_af", "max_af_pops", "af", "clin_sig", "existing_variation"],
];

export class Place {
  readonly data: DOMStringMap;
  readonly api: VariantsApi;

  constructor(root: HTMLElement) {
    this.data = root.dataset;
    this.api = new VariantsApi(this.data.api ?? "", this.data.share || null);
  }

  /** An address of the job, with the share by which one came. */
  private address(path: string, question: URLSearchParams): string {
    const all = new URLSearchParams(question);
    if (this.data.share) all.set("share", this.data.share);
    return path + written(all);
  }

  readonly tableAddress = (question: URLSearchParams): string => this.address(this.path("table"), question);

  readonly variantAddress = (key: string): string => this.address(`${this.path("table")}/${encodeURIComponent(key)}`, familyQuestion(current()));

  readonly geneAddress = (symbol: string): string => this.address(`${this.path("job")}/genes/${encodeURIComponent(symbol)}`, familyQuestion(current()));

  private path(name: "table" | "job"): string {
    return (this.data[name] ?? "").split("?")[0] ?? "";
  }

  /** The first rows of a gene in the order of the genome, and how many there are. */
  async rowsOf(symbol: string) {
    const params = new URLSearchParams({ gene: symbol, columns: COLUMNS.join(","), limit: String(MOST_ROWS) });
    const never = new AbortController().signal;
    return this.api.page(params, never, () => undefined);
  }
}

/** Draw a gene's variants along its protein, the chosen one larger; the section stays hidden where none is in it. */
export function showProtein(place: Place, symbol: string, rows: Parameters<typeof drawLollipops>[0], chosen = ""): void {
  const found = drawLollipops(rows, chosen, place.variantAddress);
  byId("protein").hidden = !found;
  if (!found) return;
  fill(byId("protein-title"), `${symbol} along its protein, as far as amino acid ${whole(found.length)}`);
  const box = byId("lollipop");
  fill(box, found.drawing);
  const mark = box.querySelector(".chosen")?.getBoundingClientRect();
  if (mark) box.scrollLeft = mark.left - box.getBoundingClientRect().left - box.clientWidth / 2;
}
