"""Known variants of a bundle: sorted, bgzipped, tabix-indexed TSVs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from annotator.bundle import Contig, KnownSource
from annotator.bundling.progress import Say
from annotator.bundling.readings import read
from annotator.bundling.recipe import BadRecipe, KnownFrom
from annotator.bundling.reference import lines_of
from annotator.bundling.row_aligner import RowAligner
from annotator.bundling.sorted_file import KEYS, sorted_lines, write_indexed
from annotator.bundling.tally import Tally
from annotator.bundling.vcf_source import vcf_rows


def write_known(
    source: KnownFrom,
    paths: Sequence[Path],
    contigs: tuple[Contig, ...],
    reference: Path,
    *,
    to: Path,
    say: Say,
) -> dict[str, int]:
    """Write one source as a TSV with its index; returns its rows kept and dropped, by reason.

    Raises BadRecipe.
    """
    tally = Tally()
    header = [*KEYS, *(field.id for field in source.fields)]
    with RowAligner(contigs, reference, tally) as aligner:
        rows = (row for path in paths for row in _rows(source, path, aligner.names, say))
        write_indexed(header, sorted_lines(_aligned(source, rows, aligner)), to)
    tally.must_be_usable(", ".join(path.name for path in paths))
    return tally.as_json()


def _rows(source: KnownFrom, path: Path, contigs: Iterable[str], say: Say) -> Iterator[list[str]]:
    if source.format == "vcf":
        columns = [field.column or f"INFO/{field.id}" for field in source.fields]
        return vcf_rows(path, columns, contigs, say)
    return _tsv_rows(source, path, say)


def described(source: KnownFrom) -> KnownSource:
    """The source as the manifest has it."""
    return KnownSource.model_validate(
        source.model_dump(exclude={"at", "format", "optional", "in_parts"})
    )


def _tsv_rows(source: KnownFrom, path: Path, say: Say) -> Iterator[list[str]]:
    lines = lines_of(path, say)
    names = next(lines, "").lstrip("#").split("\t")
    wanted = [*KEYS, *(field.column or field.id for field in source.fields)]
    if missing := [name for name in wanted if name not in names]:
        raise BadRecipe(f"The first line of {path.name} does not name {', '.join(missing)}.")
    places = [names.index(name) for name in wanted]
    by_allele = [n for n, field in enumerate(source.fields, len(KEYS)) if field.number == "A"]
    for line in lines:
        fields = line.split("\t")
        if len(fields) >= len(names):
            yield from _split([fields[place] for place in places], by_allele)


def _split(row: list[str], by_allele: list[int]) -> Iterator[list[str]]:
    """The row, once for each of its alternate alleles; columns ``by_allele`` have one for each."""
    alleles = row[3].split(",")
    for number, alt in enumerate(alleles):
        one = [*row[:3], alt, *row[4:]]
        for column in by_allele if len(alleles) > 1 else ():
            one[column] = (row[column].split(",") + ["."] * len(alleles))[number]
        yield one


def _aligned(
    source: KnownFrom, rows: Iterable[list[str]], aligner: RowAligner
) -> Iterator[tuple[int, list[str]]]:
    """Rows of the bundle's contigs, in its names, with changes in their normal form."""
    is_list = [field.number == "." for field in source.fields]
    readings = [field.reading for field in source.fields]
    for row in rows:
        key = aligner.key(*row[:4])
        if key is not None:
            values = map(as_value, map(read, row[4:], readings), is_list)
            yield key[0], [*key[1], *values]


def as_value(cell: str, is_list: bool) -> str:
    """A cell as a value of INFO may be: no spaces, no semicolons; & for the commas of one value.

    A comma would make two values of it: ClinVar's criteria_provided,_single_submitter is one.
    """
    text = cell.replace(" ", "_").replace(";", ",").replace("=", ":")
    return (text if is_list else text.replace(",", "&")) or "."
