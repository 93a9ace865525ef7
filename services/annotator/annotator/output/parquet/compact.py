"""Finds and changes values in Thrift's compact protocol, without making objects of the rest.

A footer of Parquet has some 5,000 values, of which a few hundred are changed when files are joined.
What nobody asks for is skipped and copied as it stands, whatever it means.
Format: github.com/apache/thrift, ``doc/specs/thrift-compact-protocol.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

STOP, BYTE, DOUBLE, BINARY, LIST, SET, STRUCT = 0, 3, 7, 8, 9, 10, 12
_TRUE, _FALSE = 1, 2
_NUMBERS = frozenset({4, 5, 6})  # of 16, 32 and 64 bits: all are varints
_LONG_LIST = 15
_LONGEST_VARINT = 10

Change = Callable[[int], int]
"""What becomes of a number."""


class NotCompact(ValueError):
    """The text is not of this protocol, or it ends too early."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What to change in a structure, or in each of a list: by the numbers of its fields.

    ``instead`` has what takes the place of whole elements of a list, by their places there.
    """

    fields: Mapping[int, Change | Inside]
    instead: Mapping[int, bytes] = MappingProxyType({})


@dataclass(slots=True)
class Rewriting:
    """A copy of ``text`` with changed values; ``copied`` is how far it has come."""

    text: bytes
    copied: int
    pieces: list[bytes] = field(default_factory=list)

    def put(self, value: bytes, at: int, end: int) -> None:
        """Write this in place of what stands between two places."""
        self.pieces += (self.text[self.copied : at], value)
        self.copied = end

    def up_to(self, end: int) -> bytes:
        """The whole copy of a text that ends there."""
        return b"".join([*self.pieces, self.text[self.copied : end]])


def varint(text: bytes, at: int) -> tuple[int, int]:
    """The unsigned number that begins there, and where it ends."""
    value = shift = 0
    while shift < _LONGEST_VARINT * 7:
        byte = text[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise NotCompact("a number has too many bytes")


def number(text: bytes, at: int) -> tuple[int, int]:
    """The signed number that begins there, and where it ends."""
    value, end = varint(text, at)
    return (value >> 1) ^ -(value & 1), end


def zigzag(value: int) -> bytes:
    """A signed number as it is written."""
    return unsigned(value << 1 if value >= 0 else ~(value << 1))


def unsigned(left: int) -> bytes:
    """An unsigned number as it is written."""
    written = bytearray()
    while left > 127:
        written.append(left & 127 | 128)
        left >>= 7
    written.append(left)
    return bytes(written)


def list_head(text: bytes, at: int) -> tuple[int, int, int]:
    """The kind of the elements of a list, how many there are, and where the first begins."""
    head = text[at]
    size, at = head >> 4, at + 1
    if size == _LONG_LIST:
        size, at = varint(text, at)
    return head & 15, size, at


def list_head_of(kind: int, size: int) -> bytes:
    """The head of a list as it is written."""
    if size < _LONG_LIST:
        return bytes([size << 4 | kind])
    return bytes([_LONG_LIST << 4 | kind]) + unsigned(size)


def field_head(text: bytes, at: int, before: int) -> tuple[int, int, int]:
    """The number and kind of the field that begins there, and where its value begins.

    ``before`` is the number of the field before it; kind STOP is the end of the structure.
    """
    head = text[at]
    if head < 16:
        if head == STOP:
            return before, STOP, at + 1
        found, at = number(text, at + 1)
        return found, head, at
    return before + (head >> 4), head & 15, at + 1


def value_of(text: bytes, at: int, wanted: int, before: int = 0) -> tuple[int, int]:
    """The kind of a field of the structure that begins there, and where its value begins.

    ``before`` is the number of the field before. Raises NotCompact if it has none, IndexError.
    """
    found = before
    while True:
        found, kind, at = field_head(text, at, found)
        if kind == STOP:
            raise NotCompact(f"a structure without field {wanted}")
        if found == wanted:
            return kind, at
        at = skip(text, at, kind)


def elements(text: bytes, at: int) -> Iterator[int]:
    """Where each element of the list that begins there begins. Raises NotCompact, IndexError."""
    kind, size, at = list_head(text, at)
    for _ in range(size):
        yield at
        at = skip(text, at, kind)


def skip(text: bytes, at: int, kind: int) -> int:
    """Where the value ends that begins there. Raises NotCompact, IndexError."""
    if kind in _NUMBERS:
        while text[at] > 127:
            at += 1
        return at + 1
    if kind == BINARY:
        size, at = varint(text, at)
        return at + size
    if kind == STRUCT:
        while True:
            head = text[at]
            at += 1
            if head == STOP:
                return at
            if head < 16:
                at = skip(text, at, 4)
            at = skip(text, at, head & 15)
    if kind in {LIST, SET}:
        inner, size, at = list_head(text, at)
        if inner in {_TRUE, _FALSE}:  # as elements they have a byte each
            return at + size
        for _ in range(size):
            at = skip(text, at, inner)
        return at
    if kind in {_TRUE, _FALSE}:
        return at
    if kind in {BYTE, DOUBLE}:
        return at + (1 if kind == BYTE else 8)
    raise NotCompact(f"a value of kind {kind}")


def change(copy: Rewriting, at: int, wanted: Inside) -> int:
    """Change what is wanted in the structure that begins there; gives where it ends.

    Raises NotCompact, IndexError.
    """
    text, found, fields = copy.text, 0, wanted.fields
    while True:
        found, kind, at = field_head(text, at, found)
        if kind == STOP:
            return at
        act = fields.get(found)
        if act is None:
            at = skip(text, at, kind)
        elif isinstance(act, Inside):
            at = _change_inside(copy, at, kind, act)
        else:
            value, end = number(text, at)
            if (new := act(value)) != value:
                copy.put(zigzag(new), at, end)
            at = end


def _change_inside(copy: Rewriting, at: int, kind: int, wanted: Inside) -> int:
    if kind == STRUCT:
        return change(copy, at, wanted)
    inner, size, at = list_head(copy.text, at)
    if kind != LIST or inner != STRUCT:
        raise NotCompact(f"kind {kind} of {inner} in place of a structure")
    for place in range(size):
        if (other := wanted.instead.get(place)) is None:
            at = change(copy, at, wanted)
        else:
            begin, at = at, skip(copy.text, at, STRUCT)
            copy.put(other, begin, at)
    return at
