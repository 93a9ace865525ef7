"""Makes the line ends of Windows and of old Macintosh systems Unix ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

WINDOWS, MACINTOSH = "Windows", "old Macintosh (CR)"
_FIRST_END = re.compile(rb"\r\n?|\n")
# Within a line a carriage return is data, unless a header line or a record follows it.
_LINE_BEHIND = re.compile(rb"\r(?=#|[^\t\r\n]+\t[0-9]+\t)|\r$", re.MULTILINE)

Pieces = Iterator[tuple[int, bytes]]


def ends_in_returns(text: bytes) -> bool:
    """True if the first line of the text ends in a carriage return alone."""
    first = _FIRST_END.search(text)
    return first is not None and first.group() == b"\r" and first.end() < len(text)


def of_macintosh(pieces: Pieces) -> tuple[bool, Pieces]:
    """Whether lines end in CR alone, told by the first piece; the pieces, with Unix ends if so."""
    first = next(pieces, None)
    if first is None:
        return False, iter(())
    whole = chain([first], pieces)
    return (True, _translated(whole)) if ends_in_returns(first[1]) else (False, whole)


def _translated(pieces: Pieces) -> Pieces:
    after_return = False
    for offset, text in pieces:
        begin = 1 if after_return and text.startswith(b"\n") else 0
        after_return = text.endswith(b"\r")
        yield offset, text[begin:].replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def unix(text: bytes) -> tuple[bytes, set[str]]:
    """Whole lines with Unix ends, and the systems whose ends they had."""
    found = set()
    if b"\r\n" in text:
        text = text.replace(b"\r\n", b"\n")
        found.add(WINDOWS)
    if b"\r" in text:
        text, times = _LINE_BEHIND.subn(b"\n", text)
        if times:
            found.add(MACINTOSH)
    return text, found
