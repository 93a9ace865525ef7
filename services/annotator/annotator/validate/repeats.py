"""What VCF 4.4 and 4.5 ask of INFO in records of tandem repeats, ``<CNV:TR>``."""

from __future__ import annotations

import re
from collections.abc import Iterator

REPEAT = b"<CNV:TR>"
_BASES = re.compile(rb"[ACGTUNRYSWKMBDHVacgtunryswkmbdhv]+|\.")
_WHOLE = re.compile(rb"([0-9]{1,9})(?:\.0*)?|\.")
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
