// The page of one gene.
import "../results/results.scss";
import "../styles/variant.scss";

import { Refusal, type Row } from "../results/api.ts";
import { alleles, clinical, consequence, highestFrequency, hgvs, impactBadge, position } from "../results/cells.ts";
import { byId, fill, h } from "../results/dom.ts";
import { whole } from "../results/numbers.ts";
import { showPairs } from "../variant/pairs.ts";
import { Place, showProtein } from "../variant/place.ts";

const place = new Place(byId("gene"));
const symbol = place.data.symbol ?? "";
const HEADS = ["Position", "Alleles", "Consequence", "Impact", "HGVS c.", "HGVS p.", "Highest frequency", "ClinVar"];

function rowOf(row: Row): HTMLElement {
  const link = h("a", { href: place.variantAddress(row.key) }, position(row));
  const cells = [link, alleles(row), consequence(row), impactBadge(row.impact), hgvs(row.hgvsc), hgvs(row.hgvsp), highestFrequency(row), clinical(row.clin_sig)];
  return h("tr", {}, ...cells.map((cell) => h("td", {}, cell)));
}

async function show(): Promise<void> {
  const page = await place.rowsOf(symbol);
  const shown = page.total > page.items.length ? `, the first ${whole(page.items.length)} are shown` : "";
  fill(byId("status"), `${whole(page.total)} ${page.total === 1 ? "variant" : "variants"} in any transcript of ${symbol}${shown}.`);
  if (!page.items.length) return;
  showProtein(place, symbol, page.items);
  void showPairs(place, symbol);
  const head = h("thead", {}, h("tr", {}, ...HEADS.map((name) => h("th", { scope: "col" }, name))));
  const table = h("table", { class: "table table-sm mb-0 gene-table" }, head, h("tbody", {}, ...page.items.map(rowOf)));
  fill(byId("list"), h("div", { class: "table-responsive" }, table));
}

show().catch((error: unknown) => {
  const text = error instanceof Refusal ? error.message : "The gene could not be shown. Reload the page to try again.";
  fill(byId("status"), text);
});
