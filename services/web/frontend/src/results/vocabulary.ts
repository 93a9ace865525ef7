// The words of the field: consequences by impact, classes of ClinVar, types, roles, and what parameters are called.
export type Impact = "HIGH" | "MODERATE" | "LOW" | "MODIFIER";

export const IMPACTS: readonly Impact[] = ["HIGH", "MODERATE", "LOW", "MODIFIER"];

/** Ensembl's terms of each impact, the most severe first. */
export const TERMS: Record<Impact, readonly string[]> = {
  HIGH: [
    "transcript_ablation", "splice_acceptor_variant", "splice_donor_variant", "stop_gained", "frameshift_variant",
    "stop_lost", "start_lost", "transcript_amplification", "feature_elongation", "feature_truncation",
  ],
  MODERATE: ["inframe_insertion", "inframe_deletion", "missense_variant", "protein_altering_variant"],
  LOW: [
    "splice_donor_5th_base_variant", "splice_region_variant", "splice_donor_region_variant",
    "splice_polypyrimidine_tract_variant", "incomplete_terminal_codon_variant", "start_retained_variant",
    "stop_retained_variant", "synonymous_variant",
  ],
  MODIFIER: [
    "coding_sequence_variant", "mature_miRNA_variant", "5_prime_UTR_variant", "3_prime_UTR_variant",
    "non_coding_transcript_exon_variant", "intron_variant", "NMD_transcript_variant", "non_coding_transcript_variant",
    "coding_transcript_variant", "upstream_gene_variant", "downstream_gene_variant", "TFBS_ablation",
    "TFBS_amplification", "TF_binding_site_variant", "regulatory_region_ablation", "regulatory_region_amplification",
    "regulatory_region_variant", "intergenic_variant", "sequence_variant",
  ],
};

const IMPACT_OF = new Map(IMPACTS.flatMap((impact) => TERMS[impact].map((term) => [term, impact] as const)));

/** The impact of a term; MODIFIER for one that is not Ensembl's. */
export const impactOf = (term: string): Impact => IMPACT_OF.get(term) ?? "MODIFIER";

export const severity = (impact: string): number => IMPACTS.indexOf(impact as Impact);

export const CLINICAL: Record<string, string> = {
  pathogenic: "Pathogenic",
  likely_pathogenic: "Likely pathogenic",
  vus: "Uncertain significance",
  conflicting: "Conflicting",
  likely_benign: "Likely benign",
  benign: "Benign",
  drug_response: "Drug response",
  risk_factor: "Risk factor",
  protective: "Protective",
  association: "Association",
  affects: "Affects",
  not_provided: "Not provided",
  none: "Not in ClinVar",
};

export const TYPES: Record<string, string> = {
  SNV: "SNV", MNV: "MNV", insertion: "Insertion", deletion: "Deletion", indel: "Indel", symbolic: "Symbolic", none: "None",
};

export const GENOTYPES: Record<string, string> = {
  het: "heterozygous", hom: "homozygous", carrier: "carrier", hom_ref: "reference", hemi: "hemizygous", missing: "missing",
};

export const ROLES: Record<string, string> = {
  child: "Child", father: "Father", mother: "Mother", affected: "Affected", unaffected: "Unaffected",
};

export const INHERITANCE: Record<string, string> = {
  de_novo: "De novo", recessive: "Recessive", compound_het: "Compound heterozygous", x_linked: "X-linked",
  dominant: "Dominant",
};

/** A term or class as words. */
export const words = (term: string): string => term.replaceAll("_", " ").replace(/^(5|3) prime/, "$1′");

/** A term without what all terms have in common: `missense`, `5′ UTR`. */
export const shortTerm = (term: string): string => words(term.replace(/_variant$/, ""));
