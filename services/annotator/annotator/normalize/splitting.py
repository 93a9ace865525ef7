"""Gives every alternate allele a record of its own, where the user wishes it.

Only records with several alleles go through ``bcftools norm``, so all others keep their bytes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import numpy as np

from annotator.diagnostics import Diagnostics
from annotator.normalize.sorting import lines_file
from annotator.processes.pipes import EngineFailed, Pipeline
from annotator.processes.stages import stage
from annotator.rejection import Rejected
from annotator.validate.findings import Survey
from annotator.validate.survey import read_header
from annotator.vcf import bgzf
from annotator.vcf.blocks import Block
from annotator.vcf.columns import ALT, Offsets, Table, marks
from annotator.vcf.reading import Input
from gas.events import FailureCode

ORIGIN = "OLD_MULTIALLELIC"
COMMAND = ["norm", "-m", "-any", "--force", "--old-rec-tag", ORIGIN]
_DEFINITION = (
    f"##INFO=<ID={ORIGIN},Number=1,Type=String,"
    'Description="The record before it was split: CHROM|POS|REF|ALT|number of this allele">'
).encode()
_COMMA = marks(b",")


def split(source: Input, found: Survey, to: Path, lines: Path | None = None) -> int:
    """Write the file with one alternate allele a record; gives how many records were split.

    Adds the origin of what was split to the header. Beside the file goes ``lines_file(to)``, made
    of ``lines``, that of the source, if it has one. Raises Rejected where bcftools cannot do it.
    """
    if ORIGIN.encode() not in found.header.info:
        found.header.add_line(_DEFINITION)
    columns = found.header.columns
    answer = to.with_suffix(".records")
    try:
        _ask(source, found, answer)
        with answer.open("rb") as said, bgzf.Writer(to) as out:
            out.write(found.header.text())
            earlier = (
                np.memmap(lines, dtype=np.int64, mode="r") if lines and found.records else None
            )
            total = _write(source, columns, out, _records(said), earlier)
            out.end()
    except EngineFailed as failure:
        reason = str(failure).splitlines()[0].rpartition("] ")[2][:300]
        raise Rejected(
            FailureCode.INVALID_VCF,
            "The records with several alternate alleles could not be split"
            f" ({reason}). Submit the file again without splitting.",
        ) from None
    finally:
        answer.unlink(missing_ok=True)
    return total


def _write(
    source: Input,
    columns: int,
    out: bgzf.Writer,
    records: Iterator[bytes],
    earlier: Offsets | None,
) -> int:
    total = number = 0
    with lines_file(out.path).open("wb") as lines:
        for block in _blocks(source):
            table = Table(block.text, columns)
            text, times = _merged(table, records)
            out.write(text)
            of = block.line + table.lines
            if earlier is not None:
                of = earlier[number : number + table.rows]
            lines.write(np.repeat(of, _alleles(table)).tobytes())
            number += table.rows
            total += times
    return total


def _ask(source: Input, found: Survey, answer: Path) -> None:
    """Have bcftools split all records that have several alleles, into a file."""
    command = stage(COMMAND)
    failure: list[BaseException] = []
    with Pipeline([command], answer.parent) as pipeline:

        def feed() -> None:
            try:
                pipeline.stdin.write(found.header.text())
                for block in _blocks(source):
                    pipeline.stdin.write(_several(Table(block.text, found.header.columns)))
            except BaseException as error:
                failure.append(error)
            finally:
                with contextlib.suppress(BrokenPipeError):
                    pipeline.stdin.close()

        feeder = Thread(target=feed, daemon=True)
        feeder.start()
        with answer.open("wb") as file:
            while text := pipeline.read():
                file.write(text)
        feeder.join()
        pipeline.check()
    if failure:
        raise failure[0]


def _blocks(source: Input) -> Iterator[Block]:
    blocks = source.blocks()
    _, rest = read_header(blocks, Diagnostics())
    if rest.text:
        yield rest
    yield from blocks


def _alleles(table: Table) -> Offsets:
    """How many alternate alleles each record has."""
    return 1 + table.count(_COMMA, table.column(ALT))


def _several(table: Table) -> bytes:
    rows = np.flatnonzero(_alleles(table) > 1)
    return b"".join(_line(table, row) for row in rows.tolist())


def _line(table: Table, row: int) -> bytes:
    start = int(table.starts[row])
    return table.text[start : table.text.index(b"\n", start) + 1]


def _merged(table: Table, records: Iterator[bytes]) -> tuple[bytes, int]:
    """The block with its records of several alleles replaced; and how many they were."""
    alleles = _alleles(table)
    pieces: list[bytes] = []
    at = 0
    rows = np.flatnonzero(alleles > 1).tolist()
    for row in rows:
        start = int(table.starts[row])
        line = _line(table, row)
        pieces.append(table.text[at:start])
        place = line[: line.index(b"\t", line.index(b"\t") + 1) + 1]
        for _ in range(int(alleles[row])):
            record = next(records, b"")
            if not record.startswith(place):
                raise EngineFailed("bcftools norm gave other records than it was given")
            pieces.append(record)
        at = start + len(line)
    pieces.append(table.text[at:])
    return b"".join(pieces), len(rows)


def _records(said: Iterator[bytes]) -> Iterator[bytes]:
    return (line for line in said if not line.startswith(b"#"))
