"""Known variants of a bundle: sorted, bgzipped, tabix-indexed TSVs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from annotator.bundle import Contig, KnownSource
from annotator.bundling.readings import read
from annotator.bundling.recipe import BadRecipe, KnownFrom
from annotator.bundling.reference import lines_of
from annotator.bundling.sorted_file import KEYS, names_of, sorted_lines, write_indexed
from annotator.bundling.vcf_source import vcf_rows
from annotator.normalize.left_alignment import LeftAligner


def write_known(
    source: KnownFrom, path: Path, contigs: tuple[Contig, ...], reference: Path, to: Path
) -> int:
    """Write one source as a TSV with its index; gives the number of variants. Raises BadRecipe."""
    of = names_of(contigs)
    order = {contig.name: n for n, contig in enumerate(contigs)}
    if source.format == "vcf":
        columns = [field.column or f"INFO/{field.id}" for field in source.fields]
        rows = vcf_rows(path, columns, of)
    else:
        rows = _tsv_rows(source, path)
    header = [*KEYS, *(field.id for field in source.fields)]
    with LeftAligner(reference) as aligner:
        lines = sorted_lines(_named(source, rows, of, order, aligner))
        count = write_indexed(header, lines, to)
    if not count:
        raise BadRecipe(f"{path.name} has no variant on the bundle's contigs.")
    return count


def described(source: KnownFrom) -> KnownSource:
    """The source as the manifest has it."""
    return KnownSource.model_validate(source.model_dump(exclude={"at", "format"}))


def _tsv_rows(source: KnownFrom, path: Path) -> Iterator[list[str]]:
    lines = lines_of(path)
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


def _named(
    source: KnownFrom,
    rows: Iterable[list[str]],
    of: dict[str, str],
    order: dict[str, int],
    aligner: LeftAligner,
) -> Iterator[tuple[int, list[str]]]:
    """Rows of the bundle's contigs, in its names, with changes in their normal form."""
    is_list = [field.number == "." for field in source.fields]
    readings = [field.reading for field in source.fields]
    for row in rows:
        contig = of.get(row[0])
        if contig is not None and row[1].isdigit():
            change = int(row[1]), row[2].encode(), row[3].encode()
            position, ref, alt = aligner.normal(contig, *change)
            values = map(as_value, map(read, row[4:], readings), is_list)
            yield order[contig], [contig, str(position), ref.decode(), alt.decode(), *values]


def as_value(cell: str, is_list: bool) -> str:
    """A cell as a value of INFO may be: no spaces, no semicolons; & for the commas of one value.

    A comma would make two values of it: ClinVar's criteria_provided,_single_submitter is one.
    """
    text = cell.replace(" ", "_").replace(";", ",").replace("=", ":")
    return (text if is_list else text.replace(",", "&")) or "."
