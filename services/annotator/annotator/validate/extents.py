"""Whether END and SVLEN, of records with any alleles, are where and how long the alleles are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from annotator.validate.entries import Entries
from annotator.vcf.columns import ALT, REF, Flags, Offsets

_POSITION_DIGITS = 10
_MOST_DIGITS = 12
_SHORTER, _LONGER = {b"DEL"}, {b"INS", b"DUP"}


def ends_elsewhere(entries: Entries) -> Flags:
    """Which END are before POS or behind the end of the contig."""
    ends, bad = entries.table.numbers(entries.spans, _POSITION_DIGITS)
    of, rows = entries.of, entries.rows
    outside: Flags = (ends < rows.positions[of]) | (ends > rows.contig_lengths[of])
    is_negative: Flags = entries.table.first(entries.spans) == ord("-")
    return (outside & ~bad) | is_negative


def is_not_last_of_bases(entries: Entries) -> Flags:
    """Which END are not REF's last base, in records whose alleles are all bases."""
    return _is_not_last(entries, bytes.isalpha)


def is_not_last(entries: Entries) -> Flags:
    """Which END are not REF's last base, in records without symbolic alleles."""
    return _is_not_last(entries, lambda alt: not alt.startswith(b"<"))


def _is_not_last(entries: Entries, is_looked_at: Callable[[bytes], bool]) -> Flags:
    ends, bad = entries.table.numbers(entries.spans, _POSITION_DIGITS)
    rows = entries.rows
    others = [row for row, alts in rows.odd.items() if not all(map(is_looked_at, alts))]
    last = rows.positions + rows.table.column(REF).lengths - 1
    wrong: Flags = (ends != last[entries.of]) & ~bad & ~np.isin(entries.of, others)
    return wrong


def has_other_sign(entries: Entries) -> Flags:
    """Which SVLEN are positive of a shorter allele than REF, or negative of a longer one."""
    wrong = np.zeros(len(entries), dtype=np.bool_)
    refs, alts = (entries.table.column(number).lengths for number in (REF, ALT))
    for index in np.flatnonzero(~entries.missing()).tolist():
        row = int(entries.of[index])
        directions = _directions(entries, row, refs, alts)
        values = entries.text(index).split(b",")
        if len(values) == len(directions):
            pairs = zip(values, directions, strict=True)
            wrong[index] = any(_sign(value) * direction < 0 for value, direction in pairs)
    return wrong


def _directions(entries: Entries, row: int, refs: Offsets, alts: Offsets) -> list[int]:
    """Of each allele a number above 0 where it is longer than REF, below where it is shorter."""
    bases = int(refs[row])
    if row not in entries.rows.odd:
        return [int(alts[row]) - bases]
    return [_direction(alt, bases) for alt in entries.rows.odd[row]]


def _direction(alt: bytes, bases: int) -> int:
    if not alt.startswith(b"<"):
        return len(alt) - bases if alt.isalpha() else 0
    kind = alt[1:-1].split(b":")[0]
    return (kind in _LONGER) - (kind in _SHORTER)


def _sign(value: bytes) -> int:
    digits = value.lstrip(b"+-")
    if not digits.isdigit() or not int(digits[:_MOST_DIGITS]):
        return 0
    return -1 if value.startswith(b"-") else 1
