"""Reads the values of parameters. Every function raises BadValue, which says what is allowed."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TypeVar

from web.variants.question import (
    MAX_ITEMS,
    Genotype,
    Member,
    Region,
    Role,
    SampleGenotype,
    SortKey,
)

Word = TypeVar("Word", bound=StrEnum)
MAX_EXPRESSION = 4_000
_MAX_WORD = 500
_MAX_SORT_KEYS = 5
_MAX_POSITION = 10**12
# A comma is also within numbers (21:1,000-2,000): a region ends where the next one's name begins.
_BETWEEN_REGIONS = re.compile(r",(?=[^,]*:)|[;\s]+")
_REGION = re.compile(r"(?P<contig>.+?)(?::(?P<start>[0-9,]+)(?P<to>-(?P<end>[0-9,]*))?)?")


class BadValue(ValueError):
    """A value that the parameter cannot have."""


def words(texts: list[str], most: int = MAX_ITEMS) -> tuple[str, ...]:
    """The words between commas and spaces, each once."""
    found = tuple(dict.fromkeys(w for text in texts for w in re.split(r"[,;\s]+", text) if w))
    if len(found) > most:
        raise BadValue(f"at most {most:,} values are allowed, not {len(found):,}")
    if any(len(word) > _MAX_WORD for word in found):
        raise BadValue(f"a value may have {_MAX_WORD} characters")
    return found


def choices(found: Sequence[str], allowed: Sequence[str]) -> tuple[str, ...]:
    """The same words as ``allowed`` writes them; upper and lower case are alike."""
    by_lower = {word.lower(): word for word in allowed}
    for word in found:
        if word.lower() not in by_lower:
            raise BadValue(f"{word!r} is none of {_offered(word, allowed)}")
    return tuple(dict.fromkeys(by_lower[word.lower()] for word in found))


def choice(kind: type[Word]) -> Callable[[list[str]], Word]:
    """One of the words of an enumeration."""
    return lambda texts: kind(choices([only(texts)], list(kind))[0])


def only(texts: list[str]) -> str:
    """The value of a parameter that is given once."""
    if len(texts) > 1:
        raise BadValue("give it once only")
    return texts[0].strip()


def flag(texts: list[str]) -> bool:
    """``true`` or ``false``."""
    text = only(texts).lower()
    if text not in {"true", "false", "1", "0", "on", "yes", "no"}:
        raise BadValue("must be true or false")
    return text in {"true", "1", "on", "yes"}


def number(least: float, most: float) -> Callable[[list[str]], float]:
    """A number within these bounds; ``0,01`` is ``0.01``."""

    def read(texts: list[str]) -> float:
        try:
            value = float(only(texts).replace(",", "."))
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise BadValue(f"must be a number from {least:g} to {most:g}, such as 0.01")
        return value

    return read


def whole(most: int) -> Callable[[list[str]], int]:
    """A whole number from 0 to ``most``."""

    def read(texts: list[str]) -> int:
        text = only(texts)
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= most):
            raise BadValue(f"must be a whole number from 0 to {most:,}")
        return int(text)

    return read


def text(most: int) -> Callable[[list[str]], str]:
    """Text of so many characters at most."""

    def read(texts: list[str]) -> str:
        value = only(texts)
        if len(value) > most:
            raise BadValue(f"may have {most:,} characters, not {len(value):,}")
        return value

    return read


def regions(texts: list[str]) -> tuple[Region, ...]:
    """``chr21:1-1000``, ``21:1,000-2,000``, ``21:500`` or ``21``; several as repeated values."""
    parts = [part for text in texts for part in _region_texts(text)]
    if len(parts) > MAX_ITEMS:
        raise BadValue(f"at most {MAX_ITEMS} regions are allowed, not {len(parts):,}")
    return tuple(dict.fromkeys(_region(part) for part in parts))


def _region_texts(text: str) -> list[str]:
    between = _BETWEEN_REGIONS if ":" in text else re.compile(r"[,;\s]+")
    return [part for part in between.split(text) if part]


def _region(text: str) -> Region:
    match = _REGION.fullmatch(text)
    if match is None or len(text) > _MAX_WORD:
        raise BadValue(f"{text[:50]!r} is no region; write chr21:1000-2000, or chr21")
    if match["start"] is None:
        return Region(match["contig"])
    start = _position(match["start"], text)
    if match["to"] is None:
        return Region(match["contig"], start, start)
    end = _position(match["end"], text) if match["end"] else None
    if end is not None and end < start:
        raise BadValue(f"{text!r} ends before it starts; positions are 1-based and inclusive")
    return Region(match["contig"], start, end)


def _position(digits: str, region: str) -> int:
    plain = digits.replace(",", "")
    if not 0 < len(plain) <= 12 or not 1 <= int(plain) <= _MAX_POSITION:
        raise BadValue(f"{region[:50]!r} has no position from 1 on")
    return int(plain)


def genotypes(texts: list[str]) -> tuple[SampleGenotype, ...]:
    """``SAMPLE:het``; a name may have colons itself, so the last one counts."""
    return tuple(SampleGenotype(name, kind) for name, kind in _pairs(texts, Genotype))


def family(texts: list[str]) -> tuple[Member, ...]:
    """``SAMPLE:child``."""
    return tuple(Member(name, role) for name, role in _pairs(texts, Role))


def _pairs(texts: list[str], kind: type[Word]) -> list[tuple[str, Word]]:
    if len(texts) > MAX_ITEMS:
        raise BadValue(f"at most {MAX_ITEMS} values are allowed")
    found = []
    for text in dict.fromkeys(texts):
        name, _, word = text.strip().rpartition(":")
        if not name:
            raise BadValue(f"{text[:50]!r} must be SAMPLE:WORD, WORD one of {', '.join(kind)}")
        found.append((name, kind(choices([word], list(kind))[0])))
    return found


def sort_keys(texts: list[str]) -> tuple[SortKey, ...]:
    """``-qual,pos``: a minus begins what descends."""
    keys = [SortKey(w.lstrip("-+").lower(), w.startswith("-")) for w in words(texts)]
    if len(keys) > _MAX_SORT_KEYS:
        raise BadValue(f"at most {_MAX_SORT_KEYS} columns are allowed")
    return tuple({key.column: key for key in reversed(keys)}.values())[::-1]


def sort_text(keys: Sequence[SortKey]) -> str:
    """The same as text."""
    return ",".join(("-" if key.is_descending else "") + key.column for key in keys)


def _offered(word: str, allowed: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, allowed, 3)
    if near and len(allowed) > 15:
        return f"the allowed words; did you mean {' or '.join(near)}?"
    return ", ".join(allowed)
