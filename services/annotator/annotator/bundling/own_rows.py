"""Reads the rows of an own source: VCF with bcftools, TSV (or CSV) and BED line by line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from annotator.bundling.own_manifest import OwnField, OwnSource, Place
from annotator.bundling.progress import Say
from annotator.bundling.recipe import BadRecipe
from annotator.bundling.reference import lines_of
from annotator.bundling.vcf_source import vcf_rows

_HEADER_LINES = 1_000
"""The line that names the columns must be one of the first so many."""
_BED = {"chrom": 1, "start": 2, "end": 3}


class Row(NamedTuple):
    """A row as the file has it: ``keys`` by what they are, and the cell of each field."""

    keys: dict[str, str]
    cells: list[str]


def rows_of(source: OwnSource, path: Path, contigs: Iterable[str], say: Say) -> Iterator[Row]:
    """The rows that meet ``where``. Raises BadRecipe.

    Keys of places: chrom, start, end (text, as the file counts), ref, alt. Keys of genes: hgnc_id,
    gene_id, symbol, synonyms.
    """
    keys = _keys(source)
    wanted = [*keys.values(), *source.where, *(_column(field) for field in source.fields)]
    if source.format == "vcf":
        found = _of_vcf(path, wanted[len(keys) :], contigs, say)
    else:
        found = _of_text(source, path, wanted, say)
    conditions = list(source.where.values())
    behind = len(keys) + len(conditions)
    for cells in found:
        if all(map(_is_in, cells[len(keys) : behind], conditions)):
            yield Row(dict(zip(keys, cells, strict=False)), cells[behind:])


def _is_in(cell: str, allowed: Sequence[str]) -> bool:
    return cell in allowed


def _column(field: OwnField) -> Place:
    """The column of a field; that of a Flag without one is any, as it only says there is a row."""
    if field.column is not None:
        return field.column
    return 1 if field.type == "Flag" else field.id


def _keys(source: OwnSource) -> dict[str, Place]:
    columns = source.columns
    if source.match == "gene":
        names = ("hgnc_id", "gene_id", "symbol", "synonyms")
        return {name: place for name in names if (place := getattr(columns, name)) is not None}
    if source.format == "vcf":
        return {"chrom": "CHROM", "start": "POS", "ref": "REF", "alt": "ALT"}
    if source.format == "bed":
        return dict(_BED)
    start = columns.pos if columns.start is None else columns.start
    keys: dict[str, Place] = {"chrom": columns.chrom, "start": start}
    if columns.end is not None:
        keys["end"] = columns.end
    if source.match == "allele":
        keys |= {"ref": columns.ref, "alt": columns.alt}
    return keys


def _of_vcf(
    path: Path, columns: Sequence[Place], contigs: Iterable[str], say: Say
) -> Iterator[list[str]]:
    fixed = {"ID", "QUAL", "FILTER", "POS", "CHROM", "REF", "ALT"}
    names = [str(name).removeprefix("INFO/") for name in columns]
    names = ["POS" if name == "1" else name for name in names]  # of a Flag: any will do
    return vcf_rows(path, [n if n in fixed else f"INFO/{n}" for n in names], contigs, say)


def _of_text(
    source: OwnSource, path: Path, wanted: Sequence[Place], say: Say
) -> Iterator[list[str]]:
    lines = lines_of(path, say)
    places = [column - 1 for column in wanted if isinstance(column, int)]
    if len(places) < len(wanted):
        names = _header(source, path, lines, [name for name in wanted if isinstance(name, str)])
        places = [names.index(c) if isinstance(c, str) else c - 1 for c in wanted]
    most = max(places)
    comments = ("#", "track", "browser") if source.format == "bed" else ("#",)
    data = (line for line in lines if not line.startswith(comments))
    for cells in _split(source, data):
        if len(cells) > most:
            yield [cells[place].strip() for place in places]


def _split(source: OwnSource, lines: Iterable[str]) -> Iterator[list[str]]:
    if source.separator == ",":
        return csv.reader(lines)
    return (line.split("\t") for line in lines)


def _header(
    source: OwnSource, path: Path, lines: Iterator[str], wanted: Sequence[str]
) -> list[str]:
    """The columns' names: in the first line that has all that are wanted."""
    best: list[str] = list(wanted)
    for line in islice(lines, _HEADER_LINES):
        names = next(_split(source, [line.lstrip("#").lstrip()]), [])
        missing = [name for name in wanted if name not in names]
        if not missing:
            return names
        best = min(best, missing, key=len)
    raise BadRecipe(f"No line of {path.name} names the column {', '.join(best)}.")
