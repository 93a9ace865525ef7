"""The reference and the gene models of a bundle."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pysam

from annotator.bundle import STANDARD_CODE, Contig
from annotator.bundling.recipe import BadRecipe, Recipe
from annotator.bundling.windows import Sequence, assembled

_LINE = 60


def opened(path: Path) -> BinaryIO:
    """The bytes of a file, inflated if it is compressed."""
    with path.open("rb") as raw:
        is_packed = raw.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path, "rb")) if is_packed else path.open("rb")


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a text, plain or compressed, without their ends."""
    with io.TextIOWrapper(opened(path), encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\r\n")


def write_reference(recipe: Recipe, fasta: Path, to: Path) -> tuple[Contig, ...]:
    """Write the chosen contigs, in lines of 60 bases, and the index. Raises BadRecipe."""
    wanted = set(recipe.contigs) if recipe.contigs else None
    contigs: list[Contig] = []
    with to.open("w", encoding="ascii") as out:
        for sequence in assembled(_sequences(fasta), recipe.windows):
            if wanted is not None and sequence.name not in wanted:
                continue
            out.write(f">{sequence.name}\n")
            for at in range(0, len(sequence.bases), _LINE):
                out.write(sequence.bases[at : at + _LINE] + "\n")
            contigs.append(_contig(recipe, sequence))
    found = {contig.name for contig in contigs}
    if missing := sorted({*(wanted or ()), *recipe.windows} - found):
        raise BadRecipe(f"{fasta.name} has no sequence {', '.join(missing)}.")
    if not contigs:
        raise BadRecipe(f"{fasta.name} has no sequence: is it a FASTA file?")
    pysam.faidx(str(to))
    return tuple(contigs)


def _sequences(fasta: Path) -> Iterator[tuple[str, str]]:
    name, parts = "", list[str]()
    for line in lines_of(fasta):
        if line.startswith(">"):
            if name:
                yield name, "".join(parts)
            name, parts = (line[1:].split() or [""])[0], []
        else:
            parts.append(line.strip())
    if name:
        yield name, "".join(parts)


def _contig(recipe: Recipe, sequence: Sequence) -> Contig:
    name, bases = sequence.name, sequence.bases
    if not bases:
        raise BadRecipe(f"The sequence {name} is empty.")
    aliases = list(recipe.aliases.get(name, ()))
    if recipe.with_chr and f"chr{name}" not in aliases:
        aliases.insert(0, f"chr{name}")
    return Contig(
        name=name,
        length=len(bases),
        md5=hashlib.md5(bases.upper().encode(), usedforsecurity=False).hexdigest(),
        aliases=tuple(aliases),
        genetic_code=recipe.genetic_codes.get(name, STANDARD_CODE),
        windows=sequence.windows,
    )


def write_genes(gff: Path, contigs: tuple[Contig, ...], to: Path, islands: Path) -> int:
    """Write the gene models of those contigs, and where genes lie; returns how many genes."""
    of = {name: contig.name for contig in contigs for name in (contig.name, *contig.aliases)}
    spans: dict[str, list[tuple[int, int]]] = {}
    with to.open("wb") as out:
        for line in lines_of(gff):
            if line.startswith("#"):
                if line.startswith("##gff-version"):
                    out.write(line.encode() + b"\n")
                continue
            fields = line.split("\t")
            if len(fields) != 9 or fields[0] not in of:
                continue
            fields[0] = of[fields[0]]
            out.write("\t".join(fields).encode() + b"\n")
            if "ID=gene:" in fields[8]:
                spans.setdefault(fields[0], []).append((int(fields[3]), int(fields[4])))
    genes = sum(map(len, spans.values()))
    if not genes:
        raise BadRecipe(
            f"{gff.name} has no genes (ID=gene:…) on the bundle's contigs: it must be GFF3 in the"
            " style of Ensembl, of the same assembly."
        )
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
