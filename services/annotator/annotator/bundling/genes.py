"""The gene models of a bundle, in its names of contigs, and the islands in which genes lie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from annotator.bundle import STANDARD_CODE, Contig
from annotator.bundling.progress import Say
from annotator.bundling.recipe import BadRecipe
from annotator.bundling.reference import lines_of

_GENES = re.compile(r"gene|.*_gene|pseudogene")
"""Features of Ensembl, GENCODE and RefSeq that are genes: ncRNA_gene, miRNA_gene, …"""

_TABLE = re.compile(r"(?:^|;)transl_table=(\d+)")
_SAME_AS_STANDARD = 11
"""The genetic code of bacteria: the amino acids are those of code 1."""


def genetic_codes(gff: Path, contigs: tuple[Contig, ...]) -> dict[str, int]:
    """NCBI's number of the genetic code of contigs, where the gene models tell it (RefSeq's do)."""
    of = {name: contig.name for contig in contigs for name in (contig.name, *contig.aliases)}
    codes: dict[str, int] = {}
    for line in lines_of(gff):
        fields = line.split("\t")
        told = _TABLE.search(fields[8]) if len(fields) == 9 and fields[0] in of else None
        if told:
            code = int(told[1])
            codes[of[fields[0]]] = STANDARD_CODE if code == _SAME_AS_STANDARD else code
    return codes


def write_genes(gff: Path, contigs: tuple[Contig, ...], to: Path, islands: Path, say: Say) -> int:
    """Write the gene models of those contigs, and where genes lie; returns how many genes.

    Raises BadRecipe.
    """
    of = {name: contig for contig in contigs for name in (contig.name, *contig.aliases)}
    spans: dict[str, list[tuple[int, int]]] = {}
    dropped = 0
    with to.open("wb") as out:
        for line in lines_of(gff, say):
            if line.startswith("#"):
                if line.startswith("##gff-version"):
                    out.write(line.encode() + b"\n")
                elif line.startswith("##sequence-region"):
                    _must_be_of(of, line.split(), gff.name)
                continue
            fields = line.split("\t")
            if len(fields) != 9 or fields[0] not in of:
                dropped += len(fields) == 9 and _GENES.fullmatch(fields[2]) is not None
                continue
            fields[0] = of[fields[0]].name
            out.write("\t".join(fields).encode() + b"\n")
            if _GENES.fullmatch(fields[2]):
                spans.setdefault(fields[0], []).append((int(fields[3]), int(fields[4])))
    genes = sum(map(len, spans.values()))
    if not genes:
        raise BadRecipe(
            f"{gff.name} has no genes on the bundle's contigs: it must be GFF3 of the same"
            " assembly, as Ensembl, GENCODE and RefSeq give it."
        )
    say(f"gene models: {genes:,} genes kept, {dropped:,} on other contigs dropped")
    with islands.open("w", encoding="utf-8") as out:
        for contig in contigs:
            for start, end in _merged(spans.get(contig.name, [])):
                out.write(f"{contig.name}\t{start}\t{end}\n")
    return genes


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _must_be_of(contigs: Mapping[str, Contig], region: list[str], file: str) -> None:
    """Raises BadRecipe if a ``##sequence-region`` (1-based) is of a contig of another length."""
    contig = contigs.get(region[1]) if len(region) == 4 else None
    if contig and region[3].isdigit() and int(region[3]) > contig.length:
        raise BadRecipe(
            f"{file} says that {region[1]} has {region[3]} bases; the sequence has"
            f" {contig.length:,}: they are of different assemblies."
        )
