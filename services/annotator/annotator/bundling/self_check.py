"""Annotates variants that everybody knows with a new bundle, and compares the answers."""

from __future__ import annotations

import gzip
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from annotator.bundle import Bundle
from annotator.bundling.progress import Say
from annotator.bundling.recipe import Expected, Recipe
from annotator.consequences.bundled import engine_of
from annotator.rejection import Rejected
from annotator.runner import job, protocol

_COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
_FORMAT = re.compile(r"^##INFO=<ID=CSQ,.*Format: ([^\"]*)\">$", re.MULTILINE)
_MOST_BYTES = 1 << 20
_MOST_SECONDS = 3_600


def faults(recipe: Recipe, bundle: Bundle, say: Say) -> list[str]:
    """What the bundle answers otherwise than the recipe expects, in words."""
    found: list[str] = []
    for expected in recipe.expected:
        if expected.variant.partition("-")[0] not in bundle.contig_of:
            continue  # the recipe chose other contigs
        wrong = list(_faults(expected, bundle))
        found += wrong
        about = f"{expected.variant} is {expected.gene} {expected.protein}"
        say(f"known variant: {about}: {'; '.join(wrong) or 'right'}")
    return found


def _faults(expected: Expected, bundle: Bundle) -> Iterator[str]:
    contig, position, ref, alt = expected.variant.split("-")
    row = f"{contig}\t{position}\t.\t{ref}\t{alt}\t.\t.\t.\n"
    with tempfile.TemporaryDirectory(prefix="gas-self-check-") as folder:
        try:
            text = _annotated(row, Path(folder), bundle)
        except Rejected as rejected:
            yield f"{expected.variant}: {rejected.message}"
            return
    answer = next(line for line in text.splitlines() if not line.startswith("#")).split("\t")[7]
    info = dict(field.partition("=")[::2] for field in answer.split(";"))
    format = _FORMAT.search(text)
    names = format[1].split("|") if format else []
    entries = [
        dict(zip(names, entry.split("|"), strict=True))
        for entry in info.get("CSQ", "").split(",")
        if entry
    ]
    told = {(entry["SYMBOL"], _protein(entry)) for entry in entries}
    if (expected.gene, expected.protein) not in told:
        changes = ", ".join(sorted(f"{gene} {change}".strip() for gene, change in told))
        yield (
            f"{expected.variant} is {changes or 'in no gene'}, not {expected.gene}"
            f" {expected.protein}"
        )
    there = {field.id for source in bundle.manifest.known for field in source.fields}
    for field, value in expected.known.items():
        if field in there and value not in info.get(field, ""):
            yield f"{expected.variant} has {field} {info.get(field, 'nowhere')}, not {value}"


def _protein(entry: dict[str, str]) -> str:
    before, _, after = entry["Amino_acids"].partition("/")
    return f"{before}{entry['Protein_position']}{after}" if after else ""


def _annotated(row: str, folder: Path, bundle: Bundle) -> str:
    source = folder / "known.vcf"
    source.write_text(f"##fileformat=VCFv4.2\n{_COLUMNS}{row}")
    results = folder / "results"
    results.mkdir()
    task = protocol.Task(
        input=str(source),
        filename=source.name,
        bundle=bundle.manifest.name,
        folder=str(results),
        max_inflated_bytes=_MOST_BYTES,
        max_seconds=_MOST_SECONDS,
    )
    job.annotate(task, engine_of(bundle), bundle, lambda *_: None)
    return gzip.decompress((results / protocol.RESULT_VCF).read_bytes()).decode()
