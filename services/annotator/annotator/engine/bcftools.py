"""The engine of the embedded bundles: bcftools norm, csq and annotate, from pysam's wheel."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from annotator.bundle import GENES, REFERENCE, KnownSource
from annotator.engine.consequences import Consequence, so_terms
from annotator.engine.engines import Demand

VERSION = "1.24"
MOST_CONSEQUENCES = 64
_FIELDS = 7
_STAGE = [sys.executable, "-m", "annotator.engine.stage"]
_LONE = "LONE"


class Bcftools:
    """Consequences by haplotype where there are samples, by variant where there are none."""

    version = f"bcftools-csq/{VERSION}"
    tags: tuple[str, ...] = ("BCSQ", _LONE)

    def commands(self, demand: Demand) -> list[list[str]]:
        stages: list[list[str]] = []
        if not demand.is_normal:
            stages.append(["norm", "-f", REFERENCE])
        csq = ["csq", "-f", REFERENCE, "-g", GENES, "-C", str(demand.genetic_code), "-p", "a"]
        csq += ["-n", str(MOST_CONSEQUENCES)]
        if demand.samples:
            stages.append(csq)
            if demand.has_lone:
                stages.append([*csq, "--local-csq", "-c", _LONE, "-i", "QUAL=1"])
        else:
            # Without genotypes nobody carries two variants together: judge each by itself.
            stages.append([*csq, "--local-csq"])
        stages += [_annotate(source) for source in demand.bundle.manifest.known]
        last = len(stages) - 1
        return [
            [*_STAGE, *stage, "--no-version",
             "-O", "v" if n == last else "u", "-o", "-", "-"]
            for n, stage in enumerate(stages)
        ]  # fmt: skip

    def shown(self, command: list[str]) -> list[str]:
        return ["bcftools", *command[len(_STAGE) :]]

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


def _annotate(source: KnownSource) -> list[str]:
    columns = ["CHROM", "POS", "REF", "ALT", *(field.id for field in source.fields)]
    header = [
        word
        for field in source.fields
        for word in ("-H", f'##INFO=<ID={field.id},Number={field.number},Type={field.type}'
                           f',Description="{field.description}">')
    ]  # fmt: skip
    return ["annotate", "-a", source.file, "-c", ",".join(columns), *header]


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
