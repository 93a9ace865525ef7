"""The words that filters offer: terms of the Sequence Ontology, impacts, types, significance."""

from __future__ import annotations

IMPACTS = ("HIGH", "MODERATE", "LOW", "MODIFIER")
TYPES = ("SNV", "MNV", "insertion", "deletion", "indel", "symbolic", "none")

TERMS = (
    *("transcript_ablation", "splice_acceptor_variant", "splice_donor_variant", "stop_gained"),
    *("frameshift_variant", "stop_lost", "start_lost", "transcript_amplification"),
    *("feature_elongation", "feature_truncation", "inframe_insertion", "inframe_deletion"),
    *("missense_variant", "protein_altering_variant", "splice_donor_5th_base_variant"),
    *("splice_region_variant", "splice_donor_region_variant"),
    *("splice_polypyrimidine_tract_variant", "incomplete_terminal_codon_variant"),
    *("start_retained_variant", "stop_retained_variant", "synonymous_variant"),
    *("coding_sequence_variant", "mature_miRNA_variant", "5_prime_UTR_variant"),
    *("3_prime_UTR_variant", "non_coding_transcript_exon_variant", "intron_variant"),
    *("NMD_transcript_variant", "non_coding_transcript_variant", "coding_transcript_variant"),
    *("upstream_gene_variant", "downstream_gene_variant", "TFBS_ablation", "TFBS_amplification"),
    *("TF_binding_site_variant", "regulatory_region_ablation", "regulatory_region_amplification"),
    *("regulatory_region_variant", "intergenic_variant", "sequence_variant"),
)
"""The 41 consequence terms of Ensembl VEP, the most severe first."""

CLINICAL = {
    "pathogenic": ("pathogenic",),
    "likely_pathogenic": ("likely_pathogenic",),
    "vus": ("uncertain_significance",),
    "likely_benign": ("likely_benign",),
    "benign": ("benign",),
    "conflicting": (
        "conflicting_interpretations_of_pathogenicity",
        "conflicting_classifications_of_pathogenicity",
    ),
    "drug_response": ("drug_response",),
    "risk_factor": ("risk_factor",),
    "protective": ("protective",),
    "association": ("association",),
    "affects": ("affects",),
    "not_provided": ("not_provided",),
}
"""Names of the filter, each with ClinVar's words in lower case."""
NO_CLINICAL = "none"
"""The name of the filter for variants that ClinVar does not have."""
