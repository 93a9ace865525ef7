"""Tells lists of names from other files, and cuts their lines into names.

A name is an rs number, an HGVS name, or a change as ``21-25891784-C-T``; a line has one or more,
and may be a short record of VCF instead. Lines that begin with # are comments.
"""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from annotator.rejection import Rejected
from annotator.vcf.reading import Input

_LOOKED_AT_BYTES = 256 << 20
_LOOKED_AT_LINES = 100
_LONGEST_LINE_BYTES = 1 << 20
_BYTE_ORDER_MARK = "\ufeff"
_SPACED = re.compile(r"(?<=[\w)]):?\s+(?=[cgmn]\.[-*\d(\[?])")
"""Between a reference and its change, as in ``APP c.2149G>A``: read as a colon."""
_BETWEEN = re.compile(r"[\s,;]+")
_HYPHENS = str.maketrans("‐‑‒–—−", "------")
_PROTEIN = re.compile(r"\(?p\.\S+")
_NAME = re.compile(r"rs\d+|([^:]+:)?[cgmnpr]\.\S+|[^-:\s]+[-:]\d+[-:][ACGT]+[-:>][ACGT]+", re.I)
_RECORD = re.compile(
    r"(?P<contig>\S+)\s+(?P<position>\d+)\s+(?:\S+\s+)?(?P<ref>[ACGTN]+)\s+"
    r"(?P<alts>[ACGT]+(?:,[ACGT]+)*)(?:\s.*)?",
    re.I,
)


class Record(NamedTuple):
    """What a short record of VCF says; ``position`` is 1-based."""

    contig: str
    position: int
    ref: str
    alts: tuple[str, ...]


class Line(NamedTuple):
    """A line that says something: its number, from 1, and its names, or its record."""

    number: int
    names: list[str]
    record: Record | None


def is_list(path: Path) -> bool:
    """Whether a file is a list of names: most of its first lines are. Damaged files are none."""
    with contextlib.suppress(Rejected):
        if _begins_as_vcf(path):
            return False
        first = list(
            islice(lines_of(Input(path, _LOOKED_AT_BYTES, is_whole=False)), _LOOKED_AT_LINES)
        )
        named = sum(bool(line.names) and all(map(_NAME.fullmatch, line.names)) for line in first)
        short = sum(line.record is not None for line in first)
        return named > 0 and 2 * (named + short) > len(first)
    return False


def _begins_as_vcf(path: Path) -> bool:
    """Whether it need not be looked at any further: nearly all uploads."""
    block = next(Input(path, _LOOKED_AT_BYTES, is_whole=False).blocks(), None)
    return block is None or block.text.startswith((b"##fileformat=", b"\xef\xbb\xbf##fileformat="))


def lines_of(source: Input) -> Iterator[Line]:
    """The lines of a list that are no comments. Raises Rejected as ``Input`` does."""
    for block in source.blocks():
        for number, text in enumerate(block.text.split(b"\n"), start=block.line):
            # A longer one is no line of names, and its parts would take gigabytes.
            line = (
                text[:_LONGEST_LINE_BYTES]
                .decode("utf-8", "replace")
                .lstrip(_BYTE_ORDER_MARK)
                .strip()
            )
            if line and not line.startswith("#"):
                is_whole = len(text) <= _LONGEST_LINE_BYTES
                yield Line(number, *_said(line)) if is_whole else Line(number, [line], None)


def _said(line: str) -> tuple[list[str], Record | None]:
    if match := _RECORD.fullmatch(line):
        alts = tuple(match["alts"].upper().split(","))
        record = Record(match["contig"], int(match["position"]), match["ref"].upper(), alts)
        return [], record
    plain = html.unescape(line).translate(_HYPHENS)
    parts = [part.strip("\"'") for part in _BETWEEN.split(_SPACED.sub(":", plain))]
    names = [part for part in parts if part]
    # ClinVar writes what becomes of the protein behind a name: it adds nothing.
    others = [name for name in names if not _PROTEIN.fullmatch(name)]
    return others or names, None
