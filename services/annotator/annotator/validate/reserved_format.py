"""What the specification asks of the values of some reserved keys of FORMAT."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from annotator.rules import values as rules
from annotator.validate.entries import Entries
from annotator.validate.reserved_info import (
    FLOAT,
    NUMBER,
    STRING,
    Special,
    each,
    has_negative,
    no_fraction,
)
from annotator.validate.sample_counts import Cells
from annotator.vcf.columns import Flags, Offsets
from annotator.vcf.reserved import reserved

PHASE_LISTS = (b"PSL", b"PSO", b"PSQ")
_COUNTS = {
    b"AD", b"ADF", b"ADR", b"CN", b"CNQ", b"DP", b"EC", b"GQ", b"HQ", b"LEN", b"MQ", b"PL", b"PP",
    b"PQ", b"PS", b"PSQ", b"LAD", b"LADF", b"LADR", b"LEC", b"LPL", b"LPP",
}  # fmt: skip
_SHARES = {b"GP", b"LGP", b"CNP"}
_SHARES_SINCE = 3  # before, GP is a phred quality
_SPACE = re.compile(rb"\s")
_ALLELE = re.compile(rb"([/|]?)([0-9]+|\.)")


def _no_filters(entries: Entries) -> Flags:
    doubtful = ~entries.missing() & ~entries.table.equals(entries.spans, b"PASS")
    return each(entries, doubtful, _is_no_filter)


@lru_cache(maxsize=1000)
def _is_no_filter(text: bytes) -> bool:
    names = text.split(b";")
    is_mixed = len(names) > 1 and bool({b"PASS", b"."} & set(names))
    is_wrong = not all(names) or b"0" in names or bool(_SPACE.search(text))
    return is_mixed or is_wrong or len(set(names)) < len(names)


_COUNT = Special(rules.FORMAT_RANGE, NUMBER, "is negative", has_negative)
_SHARE = Special(rules.FORMAT_RANGE, FLOAT, "is not from 0 to 1", no_fraction)
_FILTERS = Special(rules.FORMAT_FILTER, STRING, "is no list of filters", _no_filters)


def check_of(key: bytes, minor_version: int) -> Special | None:
    """What is asked of the values of a key, if that version of VCF reserves it."""
    field = reserved(b"FORMAT", key, minor_version)
    if field is None:
        return None
    if field.number == b"M":
        return _SHARE if field.type in FLOAT else _COUNT
    if key in _SHARES:
        return _SHARE if minor_version >= _SHARES_SINCE else None
    if key in _COUNTS:
        return _COUNT
    return _FILTERS if key == b"FT" else None


def not_phased(entries: Entries, of: Offsets, cells: Cells) -> Flags:
    """Which values of PSL and such say something of an allele of GT that is not phased.

    ``of`` is the cell of each.
    """
    wrong = np.zeros(len(entries), dtype=np.bool_)
    if cells.genotypes is None:
        return wrong
    for index in np.flatnonzero(~entries.missing()).tolist():
        phased = _phases(cells.genotypes.text(int(of[index])))
        values = entries.text(index).split(b",")
        wrong[index] = any(
            value != b"." and not is_phased
            for value, is_phased in zip(values, phased, strict=False)
        )
    return wrong


@lru_cache(maxsize=1000)
def _phases(genotype: bytes) -> list[bool]:
    """Whether each allele is phased; the first without a mark is unless another is unphased."""
    signs = [sign for sign, _ in _ALLELE.findall(genotype)]
    if signs and not signs[0]:
        signs[0] = b"/" if b"/" in signs else b"|"
    return [sign == b"|" for sign in signs]
