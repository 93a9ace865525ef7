"""The engine of the embedded bundles: bcftools norm, csq and annotate, from pysam's wheel."""

from __future__ import annotations

from collections.abc import Sequence

from annotator.bundle import GENES, REFERENCE
from annotator.engine import stages
from annotator.engine.consequences import Consequence, so_terms
from annotator.engine.engines import Demand

VERSION = "1.24"
MOST_CONSEQUENCES = 64
_FIELDS = 7
_LONE = "LONE"


class Bcftools:
    """Consequences by haplotype where there are samples, by variant where there are none."""

    version = f"bcftools-csq/{VERSION}"
    tags: tuple[str, ...] = ("BCSQ", _LONE)
    files: tuple[str, ...] = (GENES,)
    only_in_genes = True

    def commands(self, demand: Demand) -> list[list[str]]:
        judging = [] if demand.is_normal else [stages.NORM]
        csq = ["csq", "-f", REFERENCE, "-g", GENES, "-C", str(demand.genetic_code), "-p", "a"]
        csq += ["-n", str(MOST_CONSEQUENCES)]
        if demand.samples:
            judging.append(csq)
            if demand.has_lone:
                judging.append([*csq, "--local-csq", "-c", _LONE, "-i", "QUAL=1"])
        else:
            # Without genotypes nobody carries two variants together: judge each by itself.
            judging.append([*csq, "--local-csq"])
        return stages.joined(judging)

    def description(self) -> str:
        return (
            f"Consequences by bcftools csq {VERSION}, as terms of the Sequence Ontology; @POS: told"
            " at the record of that position. Format: Consequence|gene|transcript|biotype|strand|"
            "amino_acid_change|dna_change"
        )

    def translated(self, value: bytes) -> bytes:
        return b",".join(_translated(entry) for entry in value.split(b","))

    def consequences(self, value: bytes) -> Sequence[Consequence]:
        return [_consequence(entry) for entry in value.decode().split(",")]


def _translated(entry: bytes) -> bytes:
    if entry.startswith(b"@"):
        return entry
    words, bar, rest = entry.partition(b"|")
    star = b"*" if words.startswith(b"*") else b""
    return star + so_terms(words.decode()).encode() + bar + rest


def _consequence(entry: str) -> Consequence:
    if entry.startswith("@"):
        return Consequence(terms="", elsewhere=entry[1:])
    fields = entry.lstrip("*").split("|")
    fields += [""] * (_FIELDS - len(fields))
    return Consequence(*fields[:_FIELDS])
