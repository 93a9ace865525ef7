"""Counts over an annotated VCF: what the log shows and what the plots are drawn from."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SO_TERMS = {
    "missense": "missense_variant",
    "synonymous": "synonymous_variant",
    "stop_gained": "stop_gained",
    "stop_lost": "stop_lost",
    "stop_retained": "stop_retained_variant",
    "start_lost": "start_lost",
    "start_retained": "start_retained_variant",
    "frameshift": "frameshift_variant",
    "inframe_insertion": "inframe_insertion",
    "inframe_deletion": "inframe_deletion",
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
"""Sequence Ontology terms for the words that bcftools csq writes in BCSQ."""

_TRANSITIONS = {frozenset("AG"), frozenset("CT")}
_BCSQ = re.compile(r"(?:^|;)BCSQ=([^;]+)")
_TOP_GENES = 50


@dataclass
class Summary:
    """Counts of one result; ``consequences`` counts records, by Sequence Ontology term."""

    records: int = 0
    annotated: int = 0
    transitions: int = 0
    transversions: int = 0
    types: Counter[str] = field(default_factory=Counter)
    consequences: Counter[str] = field(default_factory=Counter)
    genes: Counter[str] = field(default_factory=Counter)
    contigs: Counter[str] = field(default_factory=Counter)

    def add(self, line: str) -> None:
        """Count one record."""
        contig, _, _, ref, alts, _, _, info = line.split("\t", 8)[:8]
        self.records += 1
        self.contigs[contig] += 1
        for alt in alts.split(","):
            self._count_type(ref.upper(), alt.upper())
        match = _BCSQ.search(info.rstrip("\n"))
        if match:
            self.annotated += 1
            self._count_consequences(match.group(1))

    def _count_type(self, ref: str, alt: str) -> None:
        kind = variant_type(ref, alt)
        self.types[kind] += 1
        if kind == "SNV":
            if frozenset((ref, alt)) in _TRANSITIONS:
                self.transitions += 1
            else:
                self.transversions += 1

    def _count_consequences(self, bcsq: str) -> None:
        terms, genes = set(), set()
        for entry in bcsq.split(","):
            if entry.startswith("@"):  # a link to the record that carries the joint consequence
                continue
            parts = entry.split("|")
            terms |= {so_term(word) for word in parts[0].lstrip("*").split("&")}
            if len(parts) > 1 and parts[1]:
                genes.add(parts[1])
        self.consequences.update(terms)
        self.genes.update(genes)

    def counts(self) -> dict[str, int]:
        """The few numbers that a job shows."""
        return {"records": self.records, "annotated": self.annotated, "genes": len(self.genes)}

    def as_json(self) -> dict[str, Any]:
        """Everything, most frequent first."""
        ratio = self.transitions / self.transversions if self.transversions else None
        return {
            "records": self.records,
            "annotated": self.annotated,
            "variant_types": dict(self.types.most_common()),
            "consequences": dict(self.consequences.most_common()),
            "genes": dict(self.genes.most_common(_TOP_GENES)),
            "contigs": dict(self.contigs.most_common()),
            "transitions": self.transitions,
            "transversions": self.transversions,
            "ts_tv_ratio": round(ratio, 4) if ratio is not None else None,
        }


def so_term(word: str) -> str:
    """The Sequence Ontology term for a consequence of bcftools csq."""
    return SO_TERMS.get(word, word)


def variant_type(ref: str, alt: str) -> str:
    """SNV, MNV, insertion, deletion, indel, symbolic or none, of one allele."""
    if alt in {".", "*"}:
        return "none"
    if not alt.isalpha():
        return "symbolic"
    if len(ref) == len(alt):
        return "SNV" if len(ref) == 1 else "MNV"
    if len(alt) > len(ref):
        return "insertion" if alt.startswith(ref) else "indel"
    return "deletion" if ref.startswith(alt) else "indel"


def summarise(annotated: Path) -> Summary:
    """Count the records of a bgzipped VCF."""
    summary = Summary()
    with gzip.open(annotated, "rt", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if not line.startswith("#"):
                summary.add(line)
    return summary
