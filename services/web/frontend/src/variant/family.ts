// The family's part of a question, which pages of variants and genes hand on to each other.
import { filtersOf } from "../results/address.ts";

/** These say which variants one looks for; a gene's page has its own. */
const NOT_OF_FAMILY = new Set(["gene", "region", "rs", "q", "genotype", "inheritance"]);

/** The roles, with the limits that a variant of interest must keep; empty where nobody has a role. */
export function familyQuestion(params: URLSearchParams): URLSearchParams {
  if (!params.has("family")) return new URLSearchParams();
  return new URLSearchParams([...filtersOf(params)].filter(([name]) => !NOT_OF_FAMILY.has(name)));
}
