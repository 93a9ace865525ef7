"""Writes an own source into a bundle: its alleles, stretches or genes, and what was dropped."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from annotator.bundle import REFERENCE, Contig
from annotator.bundling.gene_names import GeneNames
from annotator.bundling.known import as_value
from annotator.bundling.own_manifest import OwnField, OwnSource, described
from annotator.bundling.own_rows import Row, rows_of
from annotator.bundling.progress import Say
from annotator.bundling.readings import read
from annotator.bundling.recipe import BadRecipe
from annotator.bundling.regions import Region, disjoint
from annotator.bundling.sorted_file import (
    KEYS,
    REGION_KEYS,
    names_of,
    sorted_lines,
    write_indexed,
)
from annotator.known.combining import MISSING, combined_text
from annotator.normalize.left_alignment import LeftAligner
from annotator.validate.records import SEQUENCE

_POSITION_DIGITS = 10


class OwnSourceWriter:
    """Writes one source into the folder of a bundle whose reference and genes are there."""

    def __init__(self, source: OwnSource, contigs: tuple[Contig, ...], folder: Path) -> None:
        self._source, self._contigs, self._folder = source, contigs, folder
        self._of = names_of(contigs)
        self._rank = {contig.name: n for n, contig in enumerate(contigs)}
        self._length = {contig.name: contig.length for contig in contigs}
        self._counts: Counter[str] = Counter()

    def write(self, path: Path, say: Say) -> None:
        """Read the source from ``path``; ``say`` hears what was kept and dropped, by reason.

        Raises BadRecipe if nothing was kept.
        """
        to = self._folder / described(self._source).file
        rows = rows_of(self._source, path, self._of, say)
        if self._source.match == "gene":
            written = self._write_genes(rows, to)
        elif self._source.match == "allele":
            written = self._write_alleles(rows, to)
        else:
            written = self._write_regions(rows, to)
        dropped = "".join(f"; {reason}: {n:,}" for reason, n in sorted(self._counts.items()))
        say(f"{self._source.name}: {written:,} rows{dropped}")
        if not written:
            raise BadRecipe(f"No row of {path.name} can be used ({dropped[2:] or 'it has none'}).")

    def _write_alleles(self, rows: Iterable[Row], to: Path) -> int:
        header = [*KEYS, *(field.id for field in self._source.fields)]
        with LeftAligner(self._folder / REFERENCE) as aligner:
            lines = sorted_lines(self._alleles(rows, aligner))
            return write_indexed(header, self._merged(lines), to)

    def _alleles(
        self, rows: Iterable[Row], aligner: LeftAligner
    ) -> Iterator[tuple[int, list[str]]]:
        for row in rows:
            place = self._place(row)
            if place is None:
                continue
            ref, alt = row.keys["ref"].encode(), row.keys["alt"].encode()
            if not (SEQUENCE.fullmatch(ref) and SEQUENCE.fullmatch(alt)):
                self._counts["dropped, REF or ALT is no sequence"] += 1
                continue
            contig, first, _ = place
            position, ref, alt = aligner.normal(contig, first, ref, alt)
            keys = [contig, str(position), ref.decode().upper(), alt.decode().upper()]
            yield self._rank[contig], [*keys, *self._values(row)]

    def _merged(self, lines: Iterable[str]) -> Iterator[str]:
        """Lines of one allele, such as of its transcripts, become one."""
        size = len(KEYS)
        split = (line.rstrip("\n").split("\t") for line in lines)
        for keys, same in groupby(split, key=lambda row: row[:size]):
            yield "\t".join([*keys, *self._joined([row[size:] for row in same])]) + "\n"

    def _write_regions(self, rows: Iterable[Row], to: Path) -> int:
        header = [*REGION_KEYS, *(field.id for field in self._source.fields)]
        split = (line.rstrip("\n").split("\t") for line in sorted_lines(self._regions(rows)))
        regions = (Region(row[0], int(row[1]), int(row[2]), tuple(row[3:])) for row in split)
        found = disjoint(regions, self._joined)
        lines = ("\t".join([r.contig, str(r.first), str(r.last), *r.values]) + "\n" for r in found)
        return write_indexed(header, lines, to)

    def _regions(self, rows: Iterable[Row]) -> Iterator[tuple[int, list[str]]]:
        for row in rows:
            place = self._place(row)
            if place is not None:
                contig, first, last = place
                keys = [contig, str(first), str(last)]
                yield self._rank[contig], [*keys, *self._values(row)]

    def _write_genes(self, rows: Iterable[Row], to: Path) -> int:
        names = GeneNames(self._folder, [contig.name for contig in self._contigs])
        found: dict[str, list[list[str]]] = {}
        for row in rows:
            genes = names.find(row.keys)
            if not genes:
                self._counts["dropped, gene not in the bundle"] += 1
            for gene in genes:
                found.setdefault(gene, []).append(self._values(row))
        to.parent.mkdir(exist_ok=True)
        header = ["Gene", *(field.id for field in self._source.fields)]
        lines = [[gene, *self._joined(values)] for gene, values in sorted(found.items())]
        to.write_text("".join("\t".join(line) + "\n" for line in [header, *lines]), "utf-8")
        return len(found)

    def _place(self, row: Row) -> tuple[str, int, int] | None:
        """Contig, first and last base, 1-based; None, and counted, if not in the bundle."""
        contig = self._of.get(row.keys["chrom"])
        if contig is None:
            self._counts["dropped, contig not in the bundle"] += 1
            return None
        start, end = row.keys["start"], row.keys.get("end", "")
        texts = [start, end] if "end" in row.keys else [start]
        if not all(text.isascii() and text.isdigit() for text in texts):
            self._counts["dropped, no position"] += 1
            return None
        is_zero_based = self._source.zero_based or self._source.format == "bed"
        first = int(start[:_POSITION_DIGITS]) + is_zero_based
        size = len(row.keys.get("ref", "."))
        last = int(end[:_POSITION_DIGITS]) if end else first + size - 1
        if not 1 <= first <= last <= self._length[contig]:
            self._counts["dropped, not inside the contig"] += 1
            return None
        return contig, first, last

    def _values(self, row: Row) -> list[str]:
        alt = row.keys.get("alt", "")
        fields = zip(row.cells, self._source.fields, strict=True)
        return [self._value(cell, field, alt) for cell, field in fields]

    def _value(self, cell: str, field: OwnField, alt: str) -> str:
        if field.type == "Flag":
            return MISSING if field.column is not None and cell in _NO else "1"
        pieces = [cell]
        if field.part:
            split = [entry.split("|") for entry in cell.split(",")]
            if field.allele_part:
                split = self._of_allele(split, field, alt)
            pieces = [parts[field.part - 1] for parts in split if len(parts) >= field.part]
        return combined_text(field, [self._typed(read(p, field.reading), field) for p in pieces])

    def _of_allele(self, entries: list[list[str]], field: OwnField, alt: str) -> list[list[str]]:
        """The entries that name the allele, in the spelling of the file and in either case."""
        at = (field.allele_part or 1) - 1
        found = [parts for parts in entries if len(parts) > at and parts[at].upper() == alt.upper()]
        if not found and entries != [[MISSING]]:
            self._counts[f"{field.id} left out, no entry names the allele"] += 1
        return found

    def _typed(self, text: str, field: OwnField) -> str:
        if text == MISSING or field.type == "String":
            return as_value(text, is_list=False)
        try:
            number = int(text) if field.type == "Integer" else float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self._counts[f"{field.id} left out, not a number"] += 1
            return MISSING
        return text

    def _joined(self, values: list[list[str]]) -> list[str]:
        """Values of several rows as those of one."""
        if len(values) == 1:
            return values[0]
        return list(map(combined_text, self._source.fields, zip(*values, strict=True)))


_NO = {"", ".", "0", "no", "false", "False", "FALSE", "No"}
