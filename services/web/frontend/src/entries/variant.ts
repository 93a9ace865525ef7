// The page of one variant.
import "../results/results.scss";
import "../styles/variant.scss";

import { showGenome } from "../genome/view.ts";
import { Refusal, type Variant } from "../results/api.ts";
import { startCopying } from "../results/clipboard.ts";
import { renderDetails, titleOf } from "../results/details.ts";
import { byId, fill, h } from "../results/dom.ts";
import { markEditor } from "../results/mark-editor.ts";
import { Marks } from "../results/marks.ts";
import { current, written } from "../results/address.ts";
import { affectedOf } from "../results/affected.ts";
import { Place, showProtein } from "../variant/place.ts";

const root = byId("variant");
const place = new Place(root);
const key = place.data.key ?? "";

async function marksOf(): Promise<Marks | null> {
  if (place.data.isOwner !== "yes") return null;
  const marks = new Marks(place.data.jobId ?? "", place.data.csrf ?? "", null);
  await marks.load();
  return marks;
}

function prepareGenome(variant: Variant): void {
  const { contig, pos, end_pos: end } = variant.columns;
  const share = place.data.share;
  const address = (place.data.genome ?? "").split("?")[0] + written(new URLSearchParams(share ? { share } : {}));
  const where = { contig: String(contig), start: Number(pos), end: Number(end ?? pos) };
  byId("genome").addEventListener(
    "toggle",
    () => {
      const view = byId("genome-view");
      showGenome(view, address, variant.assembly, where).catch(() => fill(view, h("p", { class: "p-3" }, "The genome could not be shown. Reload the page to try again.")));
    },
    { once: true },
  );
}

async function show(): Promise<void> {
  const variant = await place.api.variant(key);
  const title = titleOf(variant);
  fill(byId("title"), title);
  document.title = `${title} · ${document.title}`;
  const marks = await marksOf();
  const samples = variant.genotypes.map(({ number, sample }) => ({ number, name: sample }));
  const affected = affectedOf(current(), samples);
  const parts = renderDetails(variant, { assembly: variant.assembly, affected, geneAddress: place.geneAddress });
  fill(byId("details"), parts[0], marks && markEditor(variant, marks), ...parts.slice(1));
  prepareGenome(variant);
  const symbol = variant.columns.symbol;
  if (typeof symbol === "string") showProtein(place, symbol, (await place.rowsOf(symbol)).items, key);
}

startCopying();
show().catch((error: unknown) => {
  const text = error instanceof Refusal ? error.message : "The variant could not be shown. Reload the page to try again.";
  fill(byId("title"), "The variant could not be shown");
  fill(byId("details"), h("p", { role: "alert" }, text));
});
