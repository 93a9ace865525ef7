"""What the specification asks of the values of some reserved keys of INFO."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from annotator.rules import values as rules
from annotator.rules.rule import Rule
from annotator.validate.entries import Entries
from annotator.vcf.columns import Flags, marks

_TYPES = (b"DEL", b"INS", b"DUP", b"INV", b"CNV", b"BND")
_SVTYPE = re.compile(rb"(?:DEL|INS|DUP|INV|CNV|BND)(?::.*)?")
_CLAIM = re.compile(rb"(?:D|J|DJ|\.)(?:,(?:D|J|DJ|\.))*")
_CIGAR = re.compile(rb"(?:\.|(?:[0-9]+[MIDNSHP=X])+)(?:,(?:\.|(?:[0-9]+[MIDNSHP=X])+))*")
_ONES = (b"1", b"1.0", b"1.00", b"1.000")
_ABOVE_ZERO = marks(b"123456789-+")
_POSITION_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Special:
    """A check of one key: the rule, what is said of values that break it, which those are.

    Values are looked at where the key is of ``type``.
    """

    rule: Rule
    type: bytes
    about: str
    find: Callable[[Entries], Flags]


def _ends_elsewhere(entries: Entries) -> Flags:
    ends, bad = entries.table.numbers(entries.spans, _POSITION_DIGITS)
    of, rows = entries.of, entries.rows
    outside: Flags = (ends < rows.positions[of]) | (ends > rows.contig_lengths[of])
    return outside & ~bad


def is_negative(entries: Entries) -> Flags:
    """Which begin with a minus."""
    negative: Flags = entries.table.first(entries.spans) == ord("-")
    return negative


def _no_cigar(entries: Entries) -> Flags:
    return _each(entries, ~entries.missing(), lambda text: not _CIGAR.fullmatch(text))


def no_fraction(entries: Entries) -> Flags:
    """Which are outside 0 to 1; those that begin with 0 or a dot, and 1.00, are not looked at."""
    table, spans = entries.table, entries.spans
    doubtful = (_ABOVE_ZERO.take(table.first(spans)) == 1) | (entries.given() > 1)
    for one in _ONES:
        doubtful &= ~table.equals(spans, one)
    return _each(entries, doubtful, _is_no_fraction)


def _is_no_fraction(text: bytes) -> bool:
    return any(one != b"." and not 0 <= float(one) <= 1 for one in text.split(b","))


def _no_type(entries: Entries) -> Flags:
    doubtful = ~entries.missing()
    for type in _TYPES:
        doubtful &= ~entries.table.equals(entries.spans, type)
    return _each(entries, doubtful, lambda text: not _SVTYPE.fullmatch(text))


def _no_claim(entries: Entries) -> Flags:
    return _each(entries, np.ones(len(entries), np.bool_), lambda text: not _CLAIM.fullmatch(text))


def _no_pairs(entries: Entries) -> Flags:
    wanted = 2 * entries.rows.alternates[entries.of]
    wrong: Flags = (entries.given() != wanted) & ~entries.missing() & (wanted > 0)
    return wrong


def _no_interval(entries: Entries) -> Flags:
    return _no_pairs(entries) | _each(entries, ~entries.missing(), _is_no_interval)


def _is_no_interval(text: bytes) -> bool:
    ends = text.split(b",")
    return any(one != b"." and int(one[:20]) > 0 for one in ends[::2]) or any(
        one != b"." and int(one[:20]) < 0 for one in ends[1::2]
    )


def _each(entries: Entries, doubtful: Flags, is_wrong: Callable[[bytes], bool]) -> Flags:
    wrong = np.zeros(len(entries), dtype=np.bool_)
    for index in np.flatnonzero(doubtful).tolist():
        wrong[index] = is_wrong(entries.text(index))
    return wrong


_PAIRS = Special(
    rules.INFO_INTERVAL, b"Integer", "has not two values for each allele of ALT", _no_pairs
)
_INTERVAL = Special(
    rules.INFO_INTERVAL,
    b"Integer",
    "must have two values for each allele of ALT, from at most 0 to at least 0",
    _no_interval,
)
_COUNT = Special(rules.INFO_COUNTS, b"Integer", "is negative", is_negative)
CHECKS: dict[bytes, Special] = {
    b"CIGAR": Special(rules.INFO_CIGAR, b"String", "is no CIGAR", _no_cigar),
    **dict.fromkeys((b"AC", b"AN", b"DP", b"MQ0", b"NS"), _COUNT),
    b"END": Special(rules.INFO_END, b"Integer", "is before POS or off the contig", _ends_elsewhere),
    b"AF": Special(rules.INFO_FREQUENCY, b"Float", "is not from 0 to 1", no_fraction),
    b"SVTYPE": Special(
        rules.INFO_SVTYPE, b"String", "is not DEL, INS, DUP, INV, CNV or BND", _no_type
    ),
    b"SVCLAIM": Special(rules.INFO_SVCLAIM, b"String", "is not D, J or DJ", _no_claim),
    b"CIPOS": _INTERVAL,
    b"CIEND": _INTERVAL,
    b"CILEN": _PAIRS,
    b"CICN": replace(_PAIRS, type=b"Float"),
}
"""By key; values are looked at that are of the Type of the key."""
