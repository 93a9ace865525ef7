"""What a record says of a structural variant: of which kind it is, and from where to where.

Sources: the VCF specification, "INFO keys used for structural variants" and "Specifying complex
rearrangements with breakends"; the kinds are Sequence Ontology's, as Ensembl VEP names them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from annotator.validate.repeats import repeat_sizes

_MOBILE = {b"ALU": "Alu", b"HERV": "HERV", b"LINE1": "LINE1", b"L1": "LINE1", b"SVA": "SVA"}
_KINDS = {
    b"DEL": "deletion",
    b"DUP": "duplication",
    b"TDUP": "tandem_duplication",
    b"INS": "insertion",
    b"INV": "inversion",
    b"CNV": "copy_number_variation",
    b"BND": "chromosome_breakpoint",
}
_REPEAT = "tandem_repeat"
"""Of the kind that has neither gained nor lost bases, or does not say so."""
_COPIES = re.compile(rb"CN=?([0-9]+)")
_BREAKEND = re.compile(rb"([A-Za-z]+|\.)?([\[\]])(.+):([0-9]+)\2([A-Za-z]+|\.)?")
_SINGLE = re.compile(rb"\.[A-Za-z]+|[A-Za-z]+\.")
_MOST_DIGITS = 12

BREAKPOINT = "chromosome_breakpoint"
INSERTIONS = (
    "insertion",
    "mobile_element_insertion",
    *(f"{name}_insertion" for name in _MOBILE.values()),
)


@dataclass(frozen=True, slots=True)
class StructuralAllele:
    """An allele: ``start`` to ``end`` of its contig, 1-based, both included.

    What is inserted stands between ``end`` and ``start`` = ``end`` + 1. ``kind`` is Sequence
    Ontology's term, ``label`` VEP's Allele; ``contig`` the user's name, None for the record's own.
    ``is_clipped`` if the file says that it goes on behind the end of the contig; ``size``: bases
    of the interval that the file says.
    """

    allele: int
    kind: str
    label: str
    start: int
    end: int
    contig: bytes | None = None
    is_clipped: bool = False
    size: int = 0


class NoInterval(Exception):
    """A structural variant does not say where it is."""


def kind_of(alt: bytes, info: dict[bytes, bytes]) -> str | None:
    """The kind of a symbolic allele or a breakend; None if it is not a structural variant.

    >>> kind_of(b"<DEL:ME:ALU>", {}), kind_of(b"<NON_REF>", {b"SVTYPE": b"DEL"})
    ('Alu_deletion', None)
    """
    if b"[" in alt or b"]" in alt or _SINGLE.fullmatch(alt):
        return BREAKPOINT
    if alt in {b"<*>", b"<NON_REF>", b"<X>"} or not alt.startswith(b"<"):
        return None
    name = alt[1:-1].upper()
    return _named(name) or _named(info.get(b"SVTYPE", b"").upper())


def _named(name: bytes) -> str | None:
    if copies := _COPIES.fullmatch(name):
        return {0: "deletion", 2: "duplication"}.get(int(copies[1][:9]), "copy_number_variation")
    if name == b"DUP:TANDEM":
        return "tandem_duplication"
    if name == b"CNV:TR":
        return _REPEAT
    first, *more = name.split(b":")
    if first in {b"DEL", b"INS"} and more[:1] == [b"ME"]:
        element = _MOBILE.get(more[1]) if len(more) > 1 else None
        return f"{element or 'mobile_element'}_{_KINDS[first]}"
    return _KINDS.get(first)


def alleles_of(
    pos: int,
    ref: bytes,
    alts: list[bytes],
    info_text: bytes,
    length_of: Callable[[bytes | None], int],
) -> list[StructuralAllele]:
    """The structural alleles of a record; breakends give two, their own and their mate's.

    ``length_of`` gives the bases of a contig by the user's name (None: the record's own), 0 if it
    is not known. Raises NoInterval if there are some, and none says where it is.
    """
    info = dict(entry.partition(b"=")[::2] for entry in info_text.split(b";"))
    found: list[StructuralAllele] = []
    is_lost = False
    repeats = repeat_sizes(alts, info)
    for number, alt in enumerate(alts, start=1):
        kind = kind_of(alt, info)
        if kind == BREAKPOINT:
            found += _breakends(number, pos, ref, alt, length_of)
        elif kind:
            one = _interval(number, kind, pos, (info, len(alts)), length_of(None))
            is_lost |= one is None
            found += [_resized(one, repeats.get(number))] if one else []
    if is_lost and not found:
        raise NoInterval
    return found


def _interval(
    number: int, kind: str, pos: int, said: tuple[dict[bytes, bytes], int], length: int
) -> StructuralAllele | None:
    """A symbolic allele, if it says where it ends; its first base is the one behind POS."""
    info, alternates = said
    if kind in INSERTIONS:
        return StructuralAllele(number, kind, kind, pos + 1, pos)
    end = _number(info.get(b"END", b""))
    sizes = info.get(b"SVLEN", b"").split(b",")
    size = _number(sizes[number - 1].lstrip(b"-+")) if len(sizes) == alternates else None
    if size and (end is None or alternates > 1):  # END is that of the longest allele
        end = pos + size
    if end is None or end <= pos or pos >= length:
        return None
    return StructuralAllele(
        *(number, kind, kind, pos + 1, min(end, length)), is_clipped=end > length, size=end - pos
    )


def _resized(one: StructuralAllele, bases: float | None) -> StructuralAllele:
    """A tandem repeat as the gain or loss that it is, if it says how many bases it has now.

    As many bases as it gains or loses, the first ones: VCF writes a change of repeats leftmost.
    """
    if one.kind != _REPEAT or bases is None:
        return one
    grown = round(bases) - one.size
    if grown == 0:
        return one
    kind = "tandem_duplication" if grown > 0 else "deletion"
    end = min(one.end, one.start + abs(grown) - 1)
    return replace(
        one, kind=kind, label=kind, end=end, is_clipped=one.is_clipped and end == one.end
    )


def _breakends(
    number: int, pos: int, ref: bytes, alt: bytes, length_of: Callable[[bytes | None], int]
) -> list[StructuralAllele]:
    """The base that is joined here, and the one that it is joined to."""
    base = ref[:1].decode()
    match = _BREAKEND.fullmatch(alt)
    is_left = bool(match[1]) if match else not alt.startswith((b".", b"<"))
    label = f"{base}." if is_left else f".{base}"
    found = [StructuralAllele(number, BREAKPOINT, label, pos, pos)]
    if match:
        contig, mate = match[3].strip(b"<>"), int(match[4][:_MOST_DIGITS])
        if 1 <= mate <= length_of(contig):
            text = alt.decode("utf-8", "replace")
            found.append(StructuralAllele(number, BREAKPOINT, text, mate, mate, contig))
    return found


def _number(text: bytes) -> int | None:
    return int(text) if text.isdigit() and len(text) <= _MOST_DIGITS else None
