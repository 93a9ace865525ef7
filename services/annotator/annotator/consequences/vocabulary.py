"""The 41 consequence terms of Ensembl VEP, their order of severity and their impacts.

Source: "Ensembl Variation - Calculated variant consequences" (release 115),
www.ensembl.org/info/genome/variation/prediction/predicted_data.html.
Terms of one answer are a set of bits: bit n is the n-th term below, so that the lowest bit that is
set is the most severe term, and joining sets is an ``or`` of whole numpy columns.
"""

from __future__ import annotations

from collections.abc import Iterable

HIGH, MODERATE, LOW, MODIFIER = "HIGH", "MODERATE", "LOW", "MODIFIER"

IMPACTS: dict[str, str] = {
    "transcript_ablation": HIGH,
    "splice_acceptor_variant": HIGH,
    "splice_donor_variant": HIGH,
    "stop_gained": HIGH,
    "frameshift_variant": HIGH,
    "stop_lost": HIGH,
    "start_lost": HIGH,
    "transcript_amplification": HIGH,
    "feature_elongation": HIGH,
    "feature_truncation": HIGH,
    "inframe_insertion": MODERATE,
    "inframe_deletion": MODERATE,
    "missense_variant": MODERATE,
    "protein_altering_variant": MODERATE,
    "splice_donor_5th_base_variant": LOW,
    "splice_region_variant": LOW,
    "splice_donor_region_variant": LOW,
    "splice_polypyrimidine_tract_variant": LOW,
    "incomplete_terminal_codon_variant": LOW,
    "start_retained_variant": LOW,
    "stop_retained_variant": LOW,
    "synonymous_variant": LOW,
    "coding_sequence_variant": MODIFIER,
    "mature_miRNA_variant": MODIFIER,
    "5_prime_UTR_variant": MODIFIER,
    "3_prime_UTR_variant": MODIFIER,
    "non_coding_transcript_exon_variant": MODIFIER,
    "intron_variant": MODIFIER,
    "NMD_transcript_variant": MODIFIER,
    "non_coding_transcript_variant": MODIFIER,
    "coding_transcript_variant": MODIFIER,
    "upstream_gene_variant": MODIFIER,
    "downstream_gene_variant": MODIFIER,
    "TFBS_ablation": MODIFIER,
    "TFBS_amplification": MODIFIER,
    "TF_binding_site_variant": MODIFIER,
    "regulatory_region_ablation": MODIFIER,
    "regulatory_region_amplification": MODIFIER,
    "regulatory_region_variant": MODIFIER,
    "intergenic_variant": MODIFIER,
    "sequence_variant": MODIFIER,
}
"""Impact of each of VEP's terms, the most severe term first."""

TERMS = tuple(IMPACTS)
RANK = {term: rank for rank, term in enumerate(TERMS)}
"""0 is the most severe."""
BIT = {term: 1 << rank for rank, term in enumerate(TERMS)}

OF_MEHARI: dict[str, str] = {
    "exon_loss_variant": "feature_truncation",
    "frameshift_elongation": "frameshift_variant",
    "frameshift_truncation": "frameshift_variant",
    "disruptive_inframe_insertion": "inframe_insertion",
    "conservative_inframe_insertion": "inframe_insertion",
    "disruptive_inframe_deletion": "inframe_deletion",
    "conservative_inframe_deletion": "inframe_deletion",
    "rare_amino_acid_variant": "missense_variant",
    "selenocysteine_gain": "missense_variant",
    "selenocysteine_loss": "missense_variant",
    "exonic_splice_region_variant": "splice_region_variant",
    "5_prime_UTR_exon_variant": "5_prime_UTR_variant",
    "3_prime_UTR_exon_variant": "3_prime_UTR_variant",
    "5_prime_UTR_intron_variant": "intron_variant",
    "3_prime_UTR_intron_variant": "intron_variant",
    "coding_transcript_intron_variant": "intron_variant",
    "non_coding_transcript_intron_variant": "intron_variant",
    "gene_variant": "sequence_variant",
}
"""Finer Sequence Ontology terms that mehari tells, and VEP's term for each."""


def vep_term(word: str) -> str:
    """VEP's term for a word of any engine; ``sequence_variant``, the mildest, for an unknown one.

    >>> vep_term("disruptive_inframe_deletion")
    'inframe_deletion'
    """
    term = OF_MEHARI.get(word, word)
    return term if term in RANK else "sequence_variant"


def finer_terms(words: Iterable[str]) -> str:
    """Of an engine's words those that VEP does not have, joined by ``&``; for GAS_so_terms."""
    return "&".join(dict.fromkeys(word for word in words if word not in RANK))


def bits_of(terms: Iterable[str]) -> int:
    """The set of those of VEP's terms."""
    bits = 0
    for term in terms:
        bits |= BIT[term]
    return bits


def terms_of(bits: int) -> tuple[str, ...]:
    """The terms of a set, the most severe first."""
    return tuple(term for rank, term in enumerate(TERMS) if bits >> rank & 1)


def impact_of(bits: int) -> str:
    """The impact of the most severe term of a set, which must not be empty."""
    return IMPACTS[TERMS[(bits & -bits).bit_length() - 1]]
