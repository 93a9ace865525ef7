"""Reads a part of a file, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from annotator.vcf.blocks import Place
from annotator.vcf.columns import Table, count_lines
from annotator.vcf.reading import Input


@dataclass(frozen=True, slots=True)
class Part:
    """So many ``records`` from a place on, in ``line`` (from 1); ``skip`` lines precede them there.

    ``number`` is its place in the file, from 0; ``first_record`` that of its first record, from 1.
    Where the file has the beginning of a line behind it, ``end`` is the place of that.
    """

    number: int
    place: Place
    line: int
    skip: int
    records: int
    first_record: int
    end: Place | None = None


def tables(source: Input, part: Part, columns: int) -> Iterator[Table]:
    """The records of a part in blocks, each with at least one. Raises Rejected."""
    left, skip = part.records, part.skip
    if not left:
        return
    for block in source.blocks(part.place, part.line, part.end):
        text = block.text
        if skip:
            text, skip = _without(text, skip)
        table = Table(text, columns)
        if table.blank_lines:
            text = re.sub(rb"\n+", b"\n", text).lstrip(b"\n")
            table = Table(text, columns)
        if table.rows > left:
            table = Table(text[: int(table.starts[left])], columns)
        left -= table.rows
        if table.rows:
            yield table
        if not left:
            return


def _without(text: bytes, lines: int) -> tuple[bytes, int]:
    """The text without its first lines; and how many of them are still to be left off."""
    here = count_lines(text)
    if here <= lines:
        return b"", lines - here
    at = 0
    for _ in range(lines):
        at = text.index(b"\n", at) + 1
    return text[at:], 0
