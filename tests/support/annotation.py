"""Runs the annotation engine on a text, as the service does, and reads the result files."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from functools import cached_property
from pathlib import Path

import pytest

from annotator.bundle import Bundle
from annotator.rejection import Rejected
from annotator.runner import protocol
from annotator.runner.parent import annotate

HEADER = "##fileformat=VCFv4.2\n##contig=<ID=MT,length=16569>\n"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"

HAS_HGVS = importlib.util.find_spec("mehari") is not None
"""Whether results have HGVSc and HGVSp: mehari runs on some machines only."""


def hgvs(name: str) -> str:
    """The name if results have names of HGVS on this machine, else an empty text."""
    return name if HAS_HGVS else ""


_CSQ = re.compile(r"^##INFO=<ID=CSQ,.*Format: ([^\"]*)\">$", re.MULTILINE)
Entry = dict[str, str]
"""An entry of CSQ: its fields by name, those that are empty with an empty text."""


def vcf(*records: str, header: str = HEADER, columns: str = COLUMNS) -> bytes:
    """A VCF file with those records."""
    rows = "".join(f"{record}\n" for record in records)
    return f"{header}{columns}\n{rows}".encode()


def record(change: str, contig: str = "MT") -> str:
    """A record without QUAL, FILTER and INFO; ``change`` is POS, ID, REF and ALT with tabs."""
    return f"{contig}\t{change}\t.\t.\t."


class Annotated:
    """The result files in a folder, parsed; ``fields`` are those of CSQ."""

    def __init__(self, folder: Path, counts: dict[str, int]) -> None:
        self._folder = folder
        self.path = folder / protocol.RESULT_VCF
        self.counts = counts
        self.text = gzip.decompress((folder / protocol.RESULT_VCF).read_bytes()).decode()
        self.records = [line.split("\t") for line in self.text.splitlines() if line[0] != "#"]
        format = _CSQ.search(self.text)
        self.fields = tuple(format[1].split("|")) if format else ()
        self.log = (folder / protocol.RESULT_LOG).read_text()
        self.summary = json.loads((folder / protocol.RESULT_SUMMARY).read_text())
        self.index = folder / protocol.RESULT_INDEX
        self.provenance = json.loads((folder / protocol.RESULT_PROVENANCE).read_text())

    @cached_property
    def csq(self) -> list[list[Entry]]:
        """The entries of each record; of large files ask for those of a record instead."""
        return [self.entries(number) for number in range(len(self.records))]

    @cached_property
    def table(self) -> list[dict[str, str]]:
        """The rows of the table for spreadsheets."""
        text = gzip.decompress((self._folder / protocol.RESULT_TSV).read_bytes()).decode()
        names, *rows = [line.split("\t") for line in text.splitlines()]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def entries(self, record: int) -> list[Entry]:
        """The entries of CSQ of a record, from 0."""
        return entries_of(self.records[record], self.fields)

    @property
    def terms(self) -> list[set[str]]:
        """All terms of each record, whatever their transcript."""
        return [terms_of(entries) for entries in self.csq]

    def entry(self, record: int, **wanted: str) -> Entry:
        """The one entry of a record, from 0, that has those values, such as ``SYMBOL="APP"``."""
        (found,) = (one for one in self.entries(record) if wanted.items() <= one.items())
        return found

    def picked(self, record: int) -> Entry:
        """The entry of a record, from 0, that is picked; it must have one allele."""
        return self.entry(record, PICK="1")

    def near(self, record: int) -> list[Entry]:
        """The entries of a record, from 0, that touch a transcript."""
        return [one for one in self.entries(record) if touches(one)]


def info_of(fields: list[str]) -> dict[str, str]:
    """The keys of INFO of a record, flags with an empty text."""
    return dict(value.partition("=")[::2] for value in fields[7].split(";") if value != ".")


def entries_of(fields: list[str], names: tuple[str, ...]) -> list[Entry]:
    """The entries of CSQ of a record."""
    texts = info_of(fields).get("CSQ", "").split(",")
    return [dict(zip(names, text.split("|"), strict=True)) for text in texts if text]


def terms_of(entries: list[Entry]) -> set[str]:
    """All terms of some entries."""
    return {term for entry in entries for term in entry["Consequence"].split("&")}


def touches(entry: Entry) -> bool:
    """Whether the variant of an entry touches its transcript: it is not between genes, nor near."""
    return bool(entry["Feature"]) and not entry.get("DISTANCE")


def without_csq(fields: list[str]) -> list[str]:
    """The record without the entry of INFO that every annotated record gains."""
    kept = [value for value in fields[7].split(";") if not value.startswith("CSQ=")]
    return [*fields[:7], ";".join(kept) or ".", *fields[8:]]


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
