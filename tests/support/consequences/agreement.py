"""How far answers agree with those that Ensembl VEP gave to the same variants and gene models.

A row is a variant and a transcript. A row that we lack disagrees in its consequence. In HGVS names,
parentheses around what is predicted do not count.
"""

import csv
import gzip
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotator.consequences.vocabulary import TERMS

Key = tuple[int, str, str, str]
"""Position, REF, ALT and transcript (without its version)."""
Entries = dict[Key, Mapping[str, Any]]
"""What is told of each row, by CSQ's names of fields."""

WORST_CODING = "worst consequence of coding transcripts"
FIELDS = {
    "impact": "IMPACT",
    "exon": "EXON",
    "intron": "INTRON",
    "cdna": "cDNA_position",
    "cds": "CDS_position",
    "protein": "Protein_position",
    "amino_acids": "Amino_acids",
    "codons": "Codons",
    "distance": "DISTANCE",
    "hgvsc": "HGVSc",
    "hgvsp": "HGVSp",
}
"""VEP's column of each field that is compared."""


@dataclass
class Agreement:
    """How many rows were compared in each field, and in how many both said the same."""

    compared: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)

    def count(self, what: str, is_same: bool) -> None:
        """Count one row."""
        self.compared[what] += 1
        self.same[what] += is_same

    def percent(self, what: str) -> float:
        """Of the rows of VEP's that tell this, how many of a hundred we tell as well."""
        return 100 * self.same[what] / self.compared[what]

    def __str__(self) -> str:
        return "\n".join(
            f"{what:40}{self.percent(what):9.3f} % of {self.compared[what]}"
            for what in self.compared
        )


def entries_of(vcf: Path) -> Entries:
    """What the CSQ of a bgzipped VCF tells."""
    found: Entries = {}
    fields: list[str] = []
    for line in gzip.decompress(vcf.read_bytes()).decode().splitlines():
        if match := re.match(r'##INFO=<ID=CSQ,.*Format: ([^">]+)', line):
            fields = match[1].split("|")
        csq = re.search(r"[\t;]CSQ=([^;\t]*)", line)
        if line.startswith("#") or not csq:
            continue
        _, position, _, ref, alts, *_ = line.split("\t")
        for text in csq[1].split(","):
            entry = dict(zip(fields, text.split("|"), strict=True))
            alt = alts.split(",")[int(entry["ALLELE_NUM"]) - 1]
            found[int(position), ref, alt, _unversioned(entry["Feature"])] = entry
    return found


def compare(entries: Entries, truth: Path) -> Agreement:
    """Hold entries against VEP's answers, a table of tab-separated columns."""
    agreement = Agreement()
    with gzip.open(truth, "rt") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            transcript = _unversioned(row["transcript"])
            ours = entries.get((int(row["#pos"]), row["ref"], row["alt"], transcript), {})
            _compare_row(agreement, row, ours)
    return agreement


def _compare_row(agreement: Agreement, row: dict[str, str], ours: Mapping[str, Any]) -> None:
    if row["biotype"] == "protein_coding":
        told = _worst(ours.get("Consequence") or "")
        agreement.count(WORST_CODING, told == _worst(row["consequence"]))
    if not ours:
        return
    for column, name in FIELDS.items():
        if row[column]:
            agreement.count(name, _name(str(ours.get(name) or "")) == _name(row[column]))


def _worst(terms: str) -> str:
    return min(terms.split("&"), key=lambda term: TERMS.index(term) if term in TERMS else 99)


def _name(text: str) -> str:
    return re.sub(r"^[^:]*:|[()]", "", text).replace("%3D", "=")


def _unversioned(transcript: str) -> str:
    return transcript.split(".", maxsplit=1)[0]
