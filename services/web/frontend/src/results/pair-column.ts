// Compound heterozygotes: from whom each allele is, and with which variants of the gene it is a pair.
import { addressOf, change, current } from "./address.ts";
import type { Row } from "./api.ts";
import type { Column } from "./columns.ts";
import { h } from "./dom.ts";

interface Pairing {
  origin: string;
  partner_count: number;
  partners: string[];
}

const MOST_PARTNERS = 2;

const ORIGINS: Record<string, string> = {
  father: "from father", mother: "from mother", de_novo: "de novo", either_parent: "from either parent",
  not_father: "not from father", not_mother: "not from mother", unknown: "phase unknown",
};

function partnerLink(key: string): HTMLElement {
  const params = current();
  params.set("variant", key);
  const click = (event: MouseEvent): void => {
    event.preventDefault();
    change({ variant: key });
  };
  return h("a", { href: addressOf(params), tabindex: -1, title: "Open the other variant of the pair", on: { click } }, key);
}

function cell(row: Row): HTMLElement {
  const pairing = row.compound_het as unknown as Pairing | null | undefined;
  if (!pairing) return h("span", { class: "none" }, "–");
  const links = pairing.partners.slice(0, MOST_PARTNERS).flatMap((key) => [" ", partnerLink(key)]);
  const rest = pairing.partner_count - links.length / 2;
  return h("span", { class: "pair-cell" }, `${ORIGINS[pairing.origin] ?? pairing.origin}, with`, ...links, rest > 0 && h("span", { class: "more" }, `+${rest}`));
}

/** Shown while pairs are asked for; the API adds its values by itself. */
export const PAIR_COLUMN: Column = {
  name: "compound_het",
  title: "Pair",
  group: "Samples",
  about: "from whom the child has this allele, and the keys of the variants with which it is a pair",
  source: "the family's genotypes",
  needs: [],
  sortBy: [],
  isNumber: false,
  width: 200,
  cell,
};
