"""Consequences of variants in the words of the Sequence Ontology, whatever engine found them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the Sequence Ontology, and how grave it is in VEP's four classes."""

    id: str
    impact: str


HIGH, MODERATE, LOW, MODIFIER = "HIGH", "MODERATE", "LOW", "MODIFIER"
_GRAVEST_FIRST = (HIGH, MODERATE, LOW, MODIFIER)

TERMS = {
    "transcript_ablation": Term("SO:0001893", HIGH),
    "splice_acceptor_variant": Term("SO:0001574", HIGH),
    "splice_donor_variant": Term("SO:0001575", HIGH),
    "stop_gained": Term("SO:0001587", HIGH),
    "frameshift_variant": Term("SO:0001589", HIGH),
    "stop_lost": Term("SO:0001578", HIGH),
    "start_lost": Term("SO:0002012", HIGH),
    "feature_elongation": Term("SO:0001907", HIGH),
    "inframe_insertion": Term("SO:0001821", MODERATE),
    "inframe_deletion": Term("SO:0001822", MODERATE),
    "conservative_inframe_insertion": Term("SO:0001823", MODERATE),
    "conservative_inframe_deletion": Term("SO:0001825", MODERATE),
    "disruptive_inframe_insertion": Term("SO:0001824", MODERATE),
    "disruptive_inframe_deletion": Term("SO:0001826", MODERATE),
    "missense_variant": Term("SO:0001583", MODERATE),
    "protein_altering_variant": Term("SO:0001818", MODERATE),
    "splice_region_variant": Term("SO:0001630", LOW),
    "start_retained_variant": Term("SO:0002019", LOW),
    "stop_retained_variant": Term("SO:0001567", LOW),
    "synonymous_variant": Term("SO:0001819", LOW),
    "initiator_codon_variant": Term("SO:0001582", LOW),
    "5_prime_UTR_premature_start_codon_gain_variant": Term("SO:0001983", LOW),
    "coding_sequence_variant": Term("SO:0001580", MODIFIER),
    "5_prime_UTR_variant": Term("SO:0001623", MODIFIER),
    "3_prime_UTR_variant": Term("SO:0001624", MODIFIER),
    "non_coding_transcript_exon_variant": Term("SO:0001792", MODIFIER),
    "non_coding_transcript_variant": Term("SO:0001619", MODIFIER),
    "intron_variant": Term("SO:0001627", MODIFIER),
    "upstream_gene_variant": Term("SO:0001631", MODIFIER),
    "downstream_gene_variant": Term("SO:0001632", MODIFIER),
    "intergenic_variant": Term("SO:0001628", MODIFIER),
    "intergenic_region": Term("SO:0000605", MODIFIER),
    "intragenic_variant": Term("SO:0002011", MODIFIER),
    "sequence_variant": Term("SO:0001060", MODIFIER),
}
"""Terms and accessions of the Sequence Ontology; impacts as Ensembl's VEP classes them."""

OF_BCFTOOLS = {
    "missense": "missense_variant",
    "synonymous": "synonymous_variant",
    "stop_retained": "stop_retained_variant",
    "start_retained": "start_retained_variant",
    "frameshift": "frameshift_variant",
    "inframe_altering": "protein_altering_variant",
    "splice_acceptor": "splice_acceptor_variant",
    "splice_donor": "splice_donor_variant",
    "splice_region": "splice_region_variant",
    "5_prime_utr": "5_prime_UTR_variant",
    "3_prime_utr": "3_prime_UTR_variant",
    "non_coding": "non_coding_transcript_exon_variant",
    "intron": "intron_variant",
    "intergenic": "intergenic_variant",
    "coding_sequence": "coding_sequence_variant",
}
"""The words of bcftools csq that are not the ontology's own."""


class Consequence(NamedTuple):
    """What a variant does to one transcript; ``terms`` are joined by &, as in VCF.

    ``elsewhere`` is the position (from 1) of the record that tells a joint consequence, or empty.
    """

    terms: str
    gene: str = ""
    transcript: str = ""
    biotype: str = ""
    strand: str = ""
    amino_acids: str = ""
    dna: str = ""
    elsewhere: str = ""

    def cells(self) -> bytes:
        """The columns CONSEQUENCE to DNA_CHANGE of a line of the table, each behind a tab."""
        if self.elsewhere:
            return f"\ttold at {self.elsewhere}".encode() + b"\t" * 8
        about = (self.gene, self.transcript, self.biotype, self.strand, self.amino_acids, self.dna)
        return "\t".join(("", self.terms, ids(self.terms), impact(self.terms), *about)).encode()


class Told(NamedTuple):
    """A consequence as results have it: in the VCF, in the table; and what is counted of it."""

    ours: bytes
    cells: bytes
    terms: str
    gene: str


@cache
def ids(terms: str) -> str:
    """The accessions of terms joined by &, joined alike."""
    known = (TERMS.get(term) for term in terms.split("&"))
    return "&".join(term.id for term in known if term)


@cache
def impact(terms: str) -> str:
    """The gravest impact of terms joined by &; MODIFIER for what is unknown."""
    found = {TERMS[term].impact for term in terms.split("&") if term in TERMS}
    return next((grade for grade in _GRAVEST_FIRST if grade in found), MODIFIER)


@cache
def so_terms(words: str) -> str:
    """The ontology's terms for words of bcftools csq, both joined by &."""
    return "&".join(OF_BCFTOOLS.get(word, word) for word in words.lstrip("*").split("&"))
