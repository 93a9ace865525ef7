"""The engine of the embedded bundles: bcftools norm, csq and annotate, from pysam's wheel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from annotator.bundle import GENES, REFERENCE
from annotator.engine import stages
from annotator.engine.consequences import Consequence, Told, so_terms
from annotator.engine.engines import Demand

VERSION = "1.24"
MOST_CONSEQUENCES = 64
_FIELDS = 4
"""Gene, transcript, biotype and strand."""
_BARS = 6
_MOST_HEADS = 1 << 14
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

    def told(self, value: bytes) -> Sequence[Told]:
        return [_told(entry) for entry in value.split(b",")]


def _told(entry: bytes) -> Told:
    if entry.startswith(b"@"):
        cells = Consequence(terms="", elsewhere=entry[1:].decode()).cells()
        return Told(entry, cells, "", "")
    if entry.count(b"|") != _BARS:
        whole = _head(entry)
        return whole._replace(cells=whole.cells + b"\t\t")
    head, amino_acids, dna = entry.rsplit(b"|", 2)
    ours, cells, terms, gene = _head(head)
    return Told(
        b"|".join((ours, amino_acids, dna)), b"\t".join((cells, amino_acids, dna)), terms, gene
    )


@lru_cache(maxsize=_MOST_HEADS)
def _head(text: bytes) -> Told:
    """All but the changes of amino acids and DNA, which is the same for many variants."""
    words, bar, rest = text.decode().partition("|")
    star = "*" if words.startswith("*") else ""
    terms = so_terms(words)
    fields = rest.split("|")
    fields += [""] * (_FIELDS - len(fields))
    one = Consequence(terms, *fields[:_FIELDS])
    cells = one.cells().removesuffix(b"\t\t")
    return Told(f"{star}{terms}{bar}{rest}".encode(), cells, terms, one.gene)
