"""Runs the annotation engine on a text, as the service does, and reads the result files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from annotator.bundle import Bundle
from annotator.rejection import Rejected
from annotator.runner import protocol
from annotator.runner.parent import annotate

HEADER = "##fileformat=VCFv4.2\n##contig=<ID=MT,length=16569>\n"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


def vcf(*records: str, header: str = HEADER, columns: str = COLUMNS) -> bytes:
    """A VCF file with those records."""
    rows = "".join(f"{record}\n" for record in records)
    return f"{header}{columns}\n{rows}".encode()


def record(change: str, contig: str = "MT") -> str:
    """A record without QUAL, FILTER and INFO; ``change`` is POS, ID, REF and ALT with tabs."""
    return f"{contig}\t{change}\t.\t.\t."


class Annotated:
    """The result files in a folder, parsed."""

    def __init__(self, folder: Path, counts: dict[str, int]) -> None:
        self.counts = counts
        self.text = gzip.decompress((folder / protocol.RESULT_VCF).read_bytes()).decode()
        self.records = [line.split("\t") for line in self.text.splitlines() if line[0] != "#"]
        self.log = (folder / protocol.RESULT_LOG).read_text()
        self.summary = json.loads((folder / protocol.RESULT_SUMMARY).read_text())
        self.index = folder / protocol.RESULT_INDEX
        table = gzip.decompress((folder / protocol.RESULT_TSV).read_bytes()).decode()
        names, *rows = [line.split("\t") for line in table.splitlines()]
        self.table = [dict(zip(names, row, strict=True)) for row in rows]
        self.provenance = json.loads((folder / protocol.RESULT_PROVENANCE).read_text())


def run(
    content: bytes,
    folder: Path,
    *,
    bundle: Bundle | None = None,
    **limits: int,
) -> Annotated:
    """Annotate ``content`` in ``folder``; ``limits`` are fields of the engine's task."""
    source = folder / "input"
    source.write_bytes(content)
    task = protocol.Task(
        input=str(source),
        filename="my.vcf",
        bundle=bundle.manifest.name if bundle else "human-mt",
        bundles=str(bundle.folder.parent) if bundle else None,
        folder=str(folder),
        **{"max_inflated_bytes": 1 << 26, "max_seconds": 60, **limits},
    )
    counts = annotate(task, on_tick=lambda *_: None, should_stop=lambda: False)
    return Annotated(folder, counts)


def refusal(
    content: bytes, folder: Path, *, bundle: Bundle | None = None, **limits: int
) -> Rejected:
    """The error of a file that must be refused."""
    with pytest.raises(Rejected) as rejected:
        run(content, folder, bundle=bundle, **limits)
    assert not (folder / protocol.RESULT_VCF).exists()
    assert rejected.value.message.endswith(".")
    return rejected.value
