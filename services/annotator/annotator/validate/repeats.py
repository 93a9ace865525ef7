"""Tandem repeats, ``<CNV:TR>``: what VCF 4.4 and 4.5 ask of their INFO, and what it tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise

REPEAT = b"<CNV:TR>"
_BASES = re.compile(rb"[ACGTUNRYSWKMBDHVacgtunryswkmbdhv]+|\.")
_WHOLE = re.compile(rb"([0-9]{1,9})(?:\.0*)?|\.")
_NUMBER = re.compile(rb"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_COUNTED = {b"RUS": 1, b"RUL": 1, b"RUC": 1, b"RB": 1, b"CIRUC": 2, b"CIRB": 2}


def repeat_faults(alts: list[bytes], info: dict[bytes, bytes]) -> Iterator[str]:
    """The words for what is wrong with the keys of repeats in one record."""
    lengths = info.get(b"RN")
    if lengths is None:
        total = alts.count(REPEAT)
    else:
        total = sum(int(one[:9]) for one in lengths.split(b",") if one.isdigit())
    for key, times in _COUNTED.items():
        if key in info and len(info[key].split(b",")) != times * total:
            yield f"INFO: {key.decode()} has another number of values than RN means"
    if b"RUS" not in info and b"RUL" not in info:
        yield "INFO: a repeat has neither RUS nor RUL"
    units = info.get(b"RUS", b".").split(b",")
    if any(not _BASES.fullmatch(unit) for unit in units):
        yield "INFO: RUS is not of bases"
    sizes = info.get(b"RUL", b".").split(b",")
    if any(
        size.isdigit() and unit != b"." and int(size[:9]) != len(unit)
        for unit, size in zip(units, sizes, strict=False)
    ):
        yield "INFO: RUL is not the length of RUS"
    if b"RUB" in info:
        yield from _unit_faults(info[b"RUB"].split(b","), info.get(b"RUC"))


def repeat_sizes(alts: list[bytes], info: dict[bytes, bytes]) -> dict[int, float]:
    """Bases of each tandem repeat that says so, by its number in ALT, from 1.

    RB has them for each sequence that is repeated in an allele, RN says how many those are; or
    else they are RUC times RUL, or times the length of RUS. An allele with a value that is missing
    or that is no number is left out, and all are where a key has another number of values.

    >>> repeat_sizes([b"<CNV:TR>"], {b"RN": b"2", b"RUS": b"CAG,TTG", b"RUC": b"3,1"})
    {1: 12.0}
    """
    if REPEAT not in alts:
        return {}
    given = info.get(b"RN", b",".join(b"1" if alt == REPEAT else b"0" for alt in alts)).split(b",")
    counts = [int(one) if re.fullmatch(rb"[0-9]{1,9}", one) else 0 for one in given]
    sizes = _sizes(info)
    edges = [0, *accumulate(counts)]
    if len(counts) != len(alts) or edges[-1] != len(sizes):
        return {}
    found = {}
    for number, (alt, span) in enumerate(zip(alts, pairwise(edges), strict=True), start=1):
        of_allele = [size for size in sizes[slice(*span)] if size is not None]
        if alt == REPEAT and of_allele and len(of_allele) == span[1] - span[0]:
            found[number] = sum(of_allele)
    return found


def _sizes(info: dict[bytes, bytes]) -> list[float | None]:
    """Bases of each sequence that is repeated, None where that is not said."""
    bases, copies = _numbers(info.get(b"RB", b".")), _numbers(info.get(b"RUC", b"."))
    if None not in bases or len(bases) > len(copies):
        return bases
    units = _numbers(info.get(b"RUL", b"."))
    if None in units or len(units) != len(copies):
        names = info.get(b"RUS", b".").split(b",")
        is_known = (name != b"." and _BASES.fullmatch(name) for name in names)
        units = [len(name) if known else None for name, known in zip(names, is_known, strict=True)]
    if len(units) != len(copies):
        return bases
    return [
        None if unit is None or count is None else unit * count
        for unit, count in zip(units, copies, strict=True)
    ]


def _numbers(text: bytes) -> list[float | None]:
    return [float(one) if _NUMBER.fullmatch(one) else None for one in text.split(b",")]


def _unit_faults(lengths: list[bytes], counts: bytes | None) -> Iterator[str]:
    """What is wrong with RUB, the length of each single unit."""
    if counts is None:
        yield "INFO: RUB is given without RUC"
        return
    whole = [_WHOLE.fullmatch(count) for count in counts.split(b",")]
    if not all(whole):
        yield "INFO: RUC is not of whole numbers, and RUB is given"
    elif lengths != [b"."] and len(lengths) != sum(int(one[1] or 0) for one in whole if one):
        yield "INFO: RUB has another number of values than RUC adds up to"
