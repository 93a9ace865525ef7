"""What the specification asks of the values of some reserved keys of INFO."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from annotator.rules import values as rules
from annotator.rules.rule import ALL, FROM_4, FROM_5, Rule
from annotator.validate.entries import Entries
from annotator.validate.extents import (
    ends_elsewhere,
    has_other_sign,
    is_not_last,
    is_not_last_of_bases,
)
from annotator.vcf.columns import Flags, marks
from annotator.vcf.reserved import reserved

_TYPES = (b"DEL", b"INS", b"DUP", b"INV", b"CNV", b"BND")
_SVTYPE = re.compile(rb"(?:DEL|INS|DUP|INV|CNV|BND)(?::.*)?")
_CLAIM = re.compile(rb"(?:D|J|DJ|\.)(?:,(?:D|J|DJ|\.))*")
_CIGAR = re.compile(rb"(?:\.|(?:[0-9]+[MIDNSHP=X])+)(?:,(?:\.|(?:[0-9]+[MIDNSHP=X])+))*")
_ONES = (b"1", b"1.0", b"1.00", b"1.000")
_ABOVE_ZERO = marks(b"123456789-+")
_MINUS = marks(b"-")
_NEGATIVE = re.compile(rb"(?:^|,)-[^,eE]*[1-9]")
INTEGER, FLOAT, STRING = (b"Integer",), (b"Float",), (b"String",)
NUMBER = INTEGER + FLOAT


@dataclass(frozen=True, slots=True)
class Special:
    """A check of one key: the rule, what is said of values that break it, which those are.

    Values are looked at where the key is of one of ``types``, in those ``versions`` of the rule's.
    """

    rule: Rule
    types: tuple[bytes, ...]
    about: str
    find: Callable[[Entries], Flags]
    versions: tuple[int, int] = ALL

    def holds(self, minor_version: int) -> bool:
        """True if that version of VCF asks for it."""
        first, last = self.versions
        return first <= max(minor_version, 1) <= last and self.rule.holds(minor_version)


def has_negative(entries: Entries) -> Flags:
    """Which have a number below 0; only what may have one is looked at."""
    doubtful: Flags = entries.table.first(entries.spans) == ord("-")
    if entries.commas.has_negative:
        doubtful |= entries.table.count(_MINUS, entries.spans) > 0
    return each(entries, doubtful, lambda text: bool(_NEGATIVE.search(text)))


def _no_cigar(entries: Entries) -> Flags:
    return each(entries, ~entries.missing(), lambda text: not _CIGAR.fullmatch(text))


def no_fraction(entries: Entries) -> Flags:
    """Which are outside 0 to 1; those that begin with 0 or a dot, and 1.00, are not looked at."""
    table, spans = entries.table, entries.spans
    doubtful = (_ABOVE_ZERO.take(table.first(spans)) == 1) | (entries.given() > 1)
    for one in _ONES:
        doubtful &= ~table.equals(spans, one)
    return each(entries, doubtful, _is_no_fraction)


def _is_no_fraction(text: bytes) -> bool:
    return any(one != b"." and not 0 <= float(one) <= 1 for one in text.split(b","))


def _no_type(entries: Entries) -> Flags:
    doubtful = ~entries.missing()
    for type in _TYPES:
        doubtful &= ~entries.table.equals(entries.spans, type)
    return each(entries, doubtful, lambda text: not _SVTYPE.fullmatch(text))


def _no_claim(entries: Entries) -> Flags:
    return each(entries, np.ones(len(entries), np.bool_), lambda text: not _CLAIM.fullmatch(text))


def _not_of_each(times: int) -> Callable[[Entries], Flags]:
    """Finds what has not so many values for each allele of ALT."""

    def find(entries: Entries) -> Flags:
        wanted = times * entries.rows.alternates[entries.of]
        wrong: Flags = (entries.given() != wanted) & ~entries.missing() & (wanted > 0)
        return wrong

    return find


def _without_zero(entries: Entries) -> Flags:
    return each(entries, ~entries.missing(), _is_no_interval)


def _is_no_interval(text: bytes) -> bool:
    ends = text.split(b",")
    return any(one != b"." and float(one) > 0 for one in ends[::2]) or any(
        one != b"." and float(one) < 0 for one in ends[1::2]
    )


def each(entries: Entries, doubtful: Flags, is_wrong: Callable[[bytes], bool]) -> Flags:
    """Which of the doubtful ones are wrong, looked at one by one."""
    wrong = np.zeros(len(entries), dtype=np.bool_)
    for index in np.flatnonzero(doubtful).tolist():
        wrong[index] = is_wrong(entries.text(index))
    return wrong


_PAIRS = Special(
    rules.INFO_INTERVAL,
    INTEGER,
    "has not two values for each allele of ALT",
    _not_of_each(2),
    FROM_4,
)
_AROUND_ZERO = Special(
    rules.INFO_INTERVAL, NUMBER, "must go from at most 0 to at least 0", _without_zero
)
_COUNT = Special(rules.INFO_COUNTS, NUMBER, "is negative", has_negative)
_COUNTS = (
    b"AC", b"AD", b"ADF", b"ADR", b"AN", b"BQ", b"CN", b"DP", b"HOMLEN", b"MQ", b"MQ0", b"NS",
    b"RN", b"RUL", b"RUC", b"RB", b"RUB",
)  # fmt: skip
_MOBILE = Special(
    rules.INFO_MOBILE, STRING, "has not four values for each allele of ALT", _not_of_each(4)
)
_LAST_BASE = Special(
    rules.INFO_END_COMPUTED, INTEGER, "is not the last base of REF", is_not_last_of_bases, (4, 4)
)
_CHECKS: dict[bytes, tuple[Special, ...]] = {
    b"CIGAR": (Special(rules.INFO_CIGAR, STRING, "is no CIGAR", _no_cigar),),
    **dict.fromkeys(_COUNTS, (_COUNT,)),
    b"END": (
        Special(rules.INFO_END, INTEGER, "is before POS or off the contig", ends_elsewhere),
        _LAST_BASE,
        replace(_LAST_BASE, find=is_not_last, versions=FROM_5),
    ),
    b"AF": (Special(rules.INFO_FREQUENCY, FLOAT, "is not from 0 to 1", no_fraction),),
    b"SVTYPE": (
        Special(rules.INFO_SVTYPE, STRING, "is not DEL, INS, DUP, INV, CNV or BND", _no_type),
    ),
    b"SVCLAIM": (Special(rules.INFO_SVCLAIM, STRING, "is not D, J or DJ", _no_claim),),
    b"SVLEN": (
        Special(rules.INFO_SVLEN_SIGN, INTEGER, "has not the sign of its alleles", has_other_sign),
    ),
    **dict.fromkeys((b"CIPOS", b"CIEND"), (_PAIRS, _AROUND_ZERO)),
    **dict.fromkeys((b"CIRB", b"CIRUC"), (_AROUND_ZERO,)),
    **dict.fromkeys((b"MEINFO", b"METRANS"), (_MOBILE,)),
    b"CILEN": (_PAIRS,),
    b"CICN": (replace(_PAIRS, types=FLOAT),),
}


def checks_of(key: bytes, minor_version: int) -> list[Special]:
    """What is asked of the values of a key, if that version of VCF reserves it."""
    if not reserved(b"INFO", key, minor_version):
        return []
    return [special for special in _CHECKS.get(key, ()) if special.holds(minor_version)]
