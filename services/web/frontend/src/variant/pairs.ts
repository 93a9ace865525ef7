// Compound heterozygous pairs of a gene: each card has both variants, and from whom each came.
import { current } from "../results/address.ts";
import { json, Refusal, type Row } from "../results/api.ts";
import { alleles, clinical, consequence, highestFrequency, hgvs, impactBadge, position } from "../results/cells.ts";
import { chipsOf } from "../results/chips.ts";
import { byId, fill, h } from "../results/dom.ts";
import { counted } from "../results/numbers.ts";
import { familyQuestion } from "./family.ts";
import { COLUMNS, type Place } from "./place.ts";

const MOST_CARDS = 12;

const PHASES: Record<string, string> = {
  trans: "On different copies",
  de_novo: "One inherited, one new: phase unknown",
  unknown: "Phase unknown",
};

const ORIGINS: Record<string, string> = {
  father: "from the father",
  mother: "from the mother",
  either_parent: "from either parent",
  not_father: "not from the father",
  not_mother: "not from the mother",
  de_novo: "new in the child",
  unknown: "parent unknown",
};

type Pair = { gene: string; phase: string; origins: [string, string]; variants: [Row, Row] };

function half(place: Place, row: Row, origin: string): HTMLElement {
  const name = row.hgvsp ? hgvs(row.hgvsp) : hgvs(row.hgvsc);
  return h(
    "li",
    { class: "pair-half", "data-key": row.key, "data-origin": origin },
    h("span", { class: "pair-origin" }, ORIGINS[origin] ?? origin),
    h("a", { class: "pair-place", href: place.variantAddress(row.key) }, position(row), " ", alleles(row)),
    h("span", { class: "pair-facts" }, consequence(row), impactBadge(row.impact)),
    h("span", { class: "pair-facts" }, name, highestFrequency(row), row.clin_sig !== null && clinical(row.clin_sig)),
  );
}

function card(place: Place, { phase, origins, variants }: Pair): HTMLElement {
  const [first, second] = variants;
  const halves = [half(place, first, origins[0]), half(place, second, origins[1])];
  return h("article", { class: "card pair-card", "data-phase": phase }, h("h3", {}, PHASES[phase] ?? phase), h("ul", {}, ...halves));
}

function words(question: URLSearchParams): string {
  return chipsOf(question).map(({ text }) => text).join(" · ");
}

/** Show the pairs of the gene, if the address says who is who in the family. */
export async function showPairs(place: Place, symbol: string): Promise<void> {
  const question = familyQuestion(current());
  if (![...question.keys()].length) return;
  const asked = new URLSearchParams([...question, ["gene", symbol], ["columns", COLUMNS.join(",")], ["limit", String(MOST_CARDS)]]);
  const box = byId("pairs");
  const title = h("h2", { class: "h5" }, "Compound heterozygous pairs");
  try {
    const { items, total } = await json<{ items: Pair[]; total: number }>(place.api.url("/pairs", asked));
    const count = total ? counted(total, "pair") : "No pair of variants";
    const table = place.tableAddress(new URLSearchParams([...question, ["gene", symbol], ["inheritance", "compound_het"]]));
    const more = total > items.length && h("p", {}, `The first ${items.length} are shown. `, h("a", { href: table }, "See all in the table"));
    const about = h("p", { class: "small text-body-secondary" }, `${count} with: ${words(question)}`);
    fill(box, title, about, h("div", { class: "pair-cards" }, ...items.map((pair) => card(place, pair))), more);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    fill(box, title, h("p", { role: "alert" }, error.message));
  }
}
