"""Reads HGVS names of one change of DNA: hgvs-nomenclature.org, version 21, "DNA".

No library does it for a service without a network: the PyPI package ``hgvs`` wants PostgreSQL's
client, SeqRepo and IPython, and mehari's Python package names variants but reads no names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from annotator.variant_names.unresolved import Unresolved

System = Literal["g", "m", "c", "n"]
Region = Literal["", "-", "*"]
Kind = Literal["substitution", "deletion", "duplication", "insertion", "inversion"]

MOST_CHARACTERS = 1_000
_NAME = re.compile(
    r"(?:(?P<reference>[^:()]+)(?:\((?P<inner>[^:()]+)\))?:)?(?P<system>\w)\.(?P<body>.+)"
)
_POINT = r"([-*]?)(\d{1,10})([-+]\d{1,9})?"
_BODY = re.compile(
    rf"{_POINT}(?:_{_POINT})?"
    r"(?:([ACGT]+)>([ACGT]+)|(del|dup|inv)([ACGT]*|\d{0,9})|del([ACGT]*|\d{0,9})ins([ACGT]+)|ins([ACGT]+))",
    re.I,
)
_KINDS: dict[str, Kind] = {"del": "deletion", "dup": "duplication", "inv": "inversion"}
_REFUSED = {
    "p": "a change of a protein may come from several of DNA: give its c. or g. name",
    "r": "names of RNA (r.) are not read: give the c. or g. name",
    "o": "names of circular genomes (o.) are not read: give m. or g.",
}


@dataclass(frozen=True, slots=True)
class Point:
    """A position: ``region`` is - before the coding sequence and * behind it.

    ``offset`` counts from an end of an exon into an intron.
    """

    base: int
    offset: int = 0
    region: Region = ""

    def __str__(self) -> str:
        return f"{self.region}{self.base}{f'{self.offset:+}' if self.offset else ''}"


@dataclass(frozen=True, slots=True)
class Change:
    """What happens from the first to the last position, in the direction of the reference.

    ``ref`` are the bases that the name says are there, empty if it says none; ``length`` how many
    it says, 0 if nothing. ``alt`` are those that come: for an insertion between the positions.
    """

    kind: Kind
    ref: str = ""
    alt: str = ""
    length: int = 0


@dataclass(frozen=True, slots=True)
class Hgvs:
    """A name: ``reference`` and, in brackets behind it, ``inner``, empty where not given."""

    reference: str
    inner: str
    system: System
    first: Point
    last: Point
    change: Change

    @property
    def is_genomic(self) -> bool:
        """Whether it counts along a chromosome."""
        return self.system in {"g", "m"}


def parse(name: str) -> Hgvs:
    """The parts of a name. Raises Unresolved."""
    found = _NAME.fullmatch(name) if len(name) <= MOST_CHARACTERS else None
    if found is None:
        raise Unresolved("this is neither an rs number nor an HGVS name")
    system, body = found["system"].lower(), found["body"]
    if reason := _REFUSED.get(system):
        raise Unresolved(reason)
    if system not in {"g", "m", "c", "n"}:
        raise Unresolved(f"{system}. is no kind of HGVS name: g., m., c. and n. are read")
    parts = _BODY.fullmatch(body)
    if parts is None:
        raise Unresolved(_why_not(body))
    first, last = _points(parts)
    name_of = found["reference"] or "", found["inner"] or ""
    return Hgvs(*name_of, cast(System, system), first, last, _change(parts))


def _points(parts: re.Match[str]) -> tuple[Point, Point]:
    region, base, offset, region2, base2, offset2 = parts.groups()[:6]
    first = _point(region, base, offset)
    return first, _point(region2, base2, offset2) if base2 else first


def _point(region: str, base: str, offset: str | None) -> Point:
    if int(base) == 0:
        raise Unresolved("HGVS has no position 0")
    return Point(int(base), int(offset or 0), cast(Region, region or ""))


def _change(parts: re.Match[str]) -> Change:
    ref, alt, kind, told, replaced, by, inserted = (
        part and part.upper() for part in parts.groups()[6:]
    )
    if alt:
        return Change("substitution", ref, alt, len(ref))
    if inserted:
        return Change("insertion", "", inserted)
    there = (told if kind else replaced) or ""
    ref, length = ("", int(there)) if there.isdigit() else (there, len(there))
    return Change(_KINDS[kind.lower()] if kind else "substitution", ref, by or "", length)


def _why_not(body: str) -> str:
    if "?" in body or "(" in body:
        return "uncertain positions cannot be looked up"
    if "[" in body or ";" in body:
        return "repeats and several changes in one name are not read: give each change a name"
    if body.endswith("="):
        return "it says that nothing is changed"
    if "ins" in body.lower():
        return "what is inserted must be given as bases (A, C, G, T)"
    return "the change is none that is read: X>Y, del, dup, ins, delins or inv at a position"
