"""The reference and the gene models of a bundle."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pysam

from annotator import assemblies
from annotator.bundle import STANDARD_CODE, Contig
from annotator.bundling.progress import Say, WatchedFile
from annotator.bundling.recipe import BadRecipe, Recipe
from annotator.bundling.windows import Sequence, assembled

_LINE = 60
_READ_BYTES = 1 << 20
_OTHER_MITOCHONDRION = (
    " The chrM of UCSC's hg19 is another sequence (NC_001807.4) than the mitochondrion of GRCh37"
    " (NC_012920.1, MT): give a FASTA that has this one."
)


def opened(path: Path, say: Say | None = None) -> BinaryIO:
    """The bytes of a file, inflated if it is compressed; ``say`` hears how far it is read."""
    with path.open("rb") as raw:
        is_packed = raw.read(2) == b"\x1f\x8b"
    file = io.BufferedReader(WatchedFile(path, say), _READ_BYTES) if say else path.open("rb")
    return cast(BinaryIO, gzip.open(file, "rb") if is_packed else file)


def lines_of(path: Path, say: Say | None = None) -> Iterator[str]:
    """The lines of a text, plain or compressed, without their ends."""
    with io.TextIOWrapper(opened(path, say), encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\r\n")


def write_reference(recipe: Recipe, fasta: Path, to: Path, say: Say) -> tuple[Contig, ...]:
    """Write the chosen contigs, in lines of 60 bases, and the index. Raises BadRecipe."""
    names = _Names(recipe, fasta.name)
    contigs: list[Contig] = []
    with to.open("w", encoding="ascii") as out:
        for sequence in assembled(_sequences(fasta, say), recipe.windows):
            name = names.chosen(sequence)
            if name is None:
                continue
            out.write(f">{name}\n")
            for at in range(0, len(sequence.bases), _LINE):
                out.write(sequence.bases[at : at + _LINE] + "\n")
            contigs.append(_contig(recipe, sequence._replace(name=name)))
    names.must_be_complete({contig.name for contig in contigs})
    pysam.faidx(str(to))
    return tuple(contigs)


class _Names:
    """Which sequences of a FASTA become contigs, and under which name.

    In an assembly that the table of names has, a sequence goes by any of its names.
    """

    def __init__(self, recipe: Recipe, file: str) -> None:
        self._recipe = recipe
        self._file = file
        self._known = assemblies.names_of(recipe.assembly)
        self._wanted = {self._in_table(name): name for name in recipe.contigs or ()}

    def _in_table(self, name: str) -> str:
        known = self._known.get(name)
        return known.name if known else name

    def chosen(self, sequence: Sequence) -> str | None:
        """The contig's name, None if it is not wanted. Raises BadRecipe if it is of another."""
        known = self._known.get(sequence.name)
        if self._wanted and self._in_table(sequence.name) not in self._wanted:
            return None
        if known and len(sequence.bases) != known.length:
            other = assemblies.recognised({sequence.name: len(sequence.bases)})
            raise BadRecipe(
                f"{sequence.name} of {self._file} has {len(sequence.bases):,} bases"
                f"{f', as in {other}' if other else ''}; in {self._recipe.assembly} it has"
                f" {known.length:,}. Give the FASTA of {self._recipe.assembly}."
            )
        return self._wanted.get(self._in_table(sequence.name), sequence.name)

    def must_be_complete(self, found: set[str]) -> None:
        """Raises BadRecipe if a wanted contig is missing."""
        windows = {self._wanted.get(self._in_table(name), name) for name in self._recipe.windows}
        missing = sorted({*(self._recipe.contigs or ()), *windows} - found)
        if missing:
            why = _OTHER_MITOCHONDRION if missing == ["MT"] else ""
            raise BadRecipe(f"{self._file} has no sequence {', '.join(missing)}.{why}")
        if not found:
            raise BadRecipe(f"{self._file} has no sequence: is it a FASTA file?")


def _sequences(fasta: Path, say: Say) -> Iterator[tuple[str, str]]:
    name, parts = "", list[str]()
    for line in lines_of(fasta, say):
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
    if recipe.with_chr:
        aliases.insert(0, name[3:] if name.startswith("chr") else f"chr{name}")
    known = assemblies.names_of(recipe.assembly).get(name)
    if known:
        aliases += (known.name, *known.aliases)
    return Contig(
        name=name,
        length=len(bases),
        md5=hashlib.md5(bases.upper().encode(), usedforsecurity=False).hexdigest(),
        aliases=tuple(dict.fromkeys(other for other in aliases if other != name)),
        genetic_code=recipe.genetic_codes.get(name, STANDARD_CODE),
        windows=sequence.windows,
    )
