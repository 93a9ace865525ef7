"""The text of INFO/HAPLO and of its header line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from annotator.consequences.csq_format import escaped

MOST_SAMPLES = 20
"""Samples that an entry names; it counts all of them."""
OF_HAPLOTYPE = ("Sample", "Haplotype", "Sample_count", "Variants")
OF_CONSEQUENCE = (
    "SYMBOL",
    "Gene",
    "Feature",
    "Consequence",
    "IMPACT",
    "HGVSc",
    "HGVSp",
    "CDS_position",
    "Protein_position",
    "Amino_acids",
    "Codons",
    "HGVSg",
)
FIELDS = (*OF_HAPLOTYPE, *OF_CONSEQUENCE)
_NAME_ESCAPES = str.maketrans({letter: f"%{ord(letter):02X}" for letter in "%&,|;= \t+"})


def header_line(name: str) -> str:
    """The definition of the key, which is called ``name`` in this file."""
    about = (
        "Joint change of variants that are certainly on one haplotype of a sample and touch one"
        " codon, for each transcript; Sample and Haplotype (place in GT from 1; all; ? for one"
        f" that is not known) name up to {MOST_SAMPLES} carriers of Sample_count. Format: "
    )
    return f'##INFO=<ID={name},Number=.,Type=String,Description="{about}{"|".join(FIELDS)}">'


@dataclass
class Carriers:
    """Who has a joint change: samples and the haplotype of each, up to a bound, and all counted."""

    samples: list[str] = field(default_factory=list)
    haplotypes: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, other: Carriers) -> None:
        """Count others in."""
        room = MOST_SAMPLES - len(self.samples)
        self.samples += other.samples[:room]
        self.haplotypes += other.haplotypes[:room]
        self.count += other.count

    def texts(self, variants: Sequence[str]) -> tuple[str, ...]:
        """The values of OF_HAPLOTYPE, escaped."""
        names = "&".join(name.translate(_NAME_ESCAPES) for name in self.samples)
        return names, "&".join(self.haplotypes), str(self.count), "&".join(variants)


def entry(of_haplotype: Sequence[str], consequence: Mapping[str, str | None]) -> str:
    """An entry of HAPLO; ``consequence`` is a row of an engine's answer."""
    values = [escaped(consequence.get(field) or "") for field in OF_CONSEQUENCE]
    return "|".join([*of_haplotype, *values])
