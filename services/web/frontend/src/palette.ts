// The colours of styles/_colours.scss, for charts: a downloaded SVG needs them written out.
export type Impact = "HIGH" | "MODERATE" | "LOW" | "MODIFIER";

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--gas-${name}`).trim();
}

/** Ensembl's colour of a Sequence Ontology term, such as ``missense_variant``; grey for one that it does not colour. */
export function consequenceColour(term: string): string {
  return colour(`consequence-${term}`) || "#808080";
}

export function impactColour(impact: Impact): string {
  return colour(`impact-${impact.toLowerCase()}`);
}

/** The colour of a class of clinical significance, such as ``likely_pathogenic``. */
export function clinicalColour(significance: string): string {
  return colour(`clinical-${significance}`) || "#808080";
}
