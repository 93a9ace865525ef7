"""Puts the footers of Parquet files together whose pages are laid end to end.

pyarrow can put footers together too, but not move what they point at. Offsets count from the start
of the file; they are moved, and all else is copied as it stands, so that what a later pyarrow adds
is kept.
Format: github.com/apache/parquet-format, ``README.md`` and ``parquet.thrift``.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import repeat
from types import MappingProxyType
from typing import IO, NamedTuple

from annotator.output.parquet.compact import (
    BINARY,
    LIST,
    STOP,
    STRUCT,
    Change,
    Inside,
    NotCompact,
    Rewriting,
    change,
    elements,
    field_head,
    list_head,
    list_head_of,
    number,
    skip,
    unsigned,
    value_of,
    varint,
    zigzag,
)

MAGIC = b"PAR1"
LENGTH_BYTES = 4
_IN_MEMORY = 1 << 20
# Numbers of fields in parquet.thrift.
_ROWS, _ROW_GROUPS, _KEY_VALUES = 3, 4, 5  # of FileMetaData
_KEY, _VALUE = 1, 2  # of KeyValue
_PATH = 3  # of ColumnMetaData
_COLUMNS, _GROUP_OFFSET, _ORDINAL = 1, 5, 7  # of RowGroup
_METADATA = 3  # of ColumnChunk
_CHUNK_OFFSETS = (2, 4, 6)  # of ColumnChunk: itself, offset index, column index
_METADATA_OFFSETS = (9, 10, 11, 14)  # of ColumnMetaData: pages, index, dictionary, Bloom filter


class NotParquet(Exception):
    """A file is not a whole Parquet file."""


class Instead(NamedTuple):
    """Columns of a file that lie elsewhere: the footer of a file of them, in the same row groups,
    and where its pages begin in the joined file.
    """

    footer: bytes
    at: int


@dataclass(frozen=True, slots=True)
class _Found:
    """Where in a footer the number of rows stands, and the row groups behind the list's head."""

    rows: int
    rows_at: int
    rows_end: int
    groups: int
    groups_at: int
    first_group_at: int


class Footers:
    """Puts footers together, one after the other; ``length`` is that of the file without its own.

    Row groups wait in a file, as they will be written: a large file has many thousands.
    """

    def __init__(self) -> None:
        self.length = len(MAGIC)
        self._first: bytes = b""
        self._rows = self._count = 0
        self._places: dict[bytes, int] = {}
        # It is deleted with this object.
        self._groups: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115

    def add(self, text: bytes, pages_bytes: int, instead: Instead | None = None) -> None:
        """Add the footer of a file whose pages, which follow ``MAGIC``, are so many bytes.

        Some columns may be elsewhere ``instead``. Raises NotParquet.
        """
        try:
            found = _find(text)
            self._groups.write(self._moved(text, found, instead))
        except (NotCompact, IndexError):
            raise NotParquet("a footer cannot be read") from None
        self._first = self._first or text
        self._rows += found.rows
        self.length += pages_bytes

    def _moved(self, text: bytes, found: _Found, instead: Instead | None) -> bytes:
        """The row groups, with what they point at moved to where it will be."""
        shift = self.length - len(MAGIC)
        at, copy = found.first_group_at, Rewriting(text, found.first_group_at)
        if instead and not self._places and found.groups:
            self._places = {path: place for place, (path, _) in enumerate(_chunks(text, at))}
        others = self._others(instead) if instead else repeat({}, found.groups)
        for _, chunks in zip(range(found.groups), others, strict=True):
            at = change(copy, at, _group(shift, self._count, chunks))
            self._count += 1
        return copy.up_to(at)

    def _others(self, instead: Instead) -> Iterator[dict[int, bytes]]:
        """The column chunks that lie elsewhere in each row group, by their places there."""
        text, wanted = instead.footer, _chunk(instead.at - len(MAGIC))
        at = _find(text).first_group_at
        for _ in range(_find(text).groups):
            chunks = {}
            for path, begin in _chunks(text, at):
                copy = Rewriting(text, begin)
                chunks[self._places[path]] = copy.up_to(change(copy, begin, wanted))
            yield chunks
            at = skip(text, at, STRUCT)

    def write(self, out: IO[bytes], metadata: Mapping[str, str] = MappingProxyType({})) -> None:
        """Write the footer of all files, at least one: but for its row groups it is the first's.

        ``metadata`` takes the place of what that says by those keys.
        """
        first, found = self._first, _find(self._first)
        end = found.first_group_at
        for _ in range(found.groups):
            end = skip(first, end, STRUCT)
        out.write(first[: found.rows_at] + zigzag(self._rows))
        out.write(first[found.rows_end : found.groups_at] + list_head_of(STRUCT, self._count))
        self._groups.seek(0)
        shutil.copyfileobj(self._groups, out)
        out.write(_with_metadata(first, end, metadata) if metadata else first[end:])

    def write_end(self, out: IO[bytes], metadata: Mapping[str, str] = MappingProxyType({})) -> None:
        """Write what stands behind the pages of the file: the footer, its length, the magic."""
        begin = out.tell()
        self.write(out, metadata)
        out.write((out.tell() - begin).to_bytes(LENGTH_BYTES, "little") + MAGIC)


def _moved(shift: int) -> Change:
    return lambda offset: offset + shift if offset > 0 else offset  # 0 stands for none at times


def _chunk(shift: int) -> Inside:
    moved = _moved(shift)
    metadata = Inside(dict.fromkeys(_METADATA_OFFSETS, moved))
    return Inside({**dict.fromkeys(_CHUNK_OFFSETS, moved), _METADATA: metadata})


def _group(shift: int, ordinal: int, others: Mapping[int, bytes]) -> Inside:
    columns = replace(_chunk(shift), instead=others)
    return Inside({_COLUMNS: columns, _GROUP_OFFSET: _moved(shift), _ORDINAL: lambda _: ordinal})


def _chunks(text: bytes, group_at: int) -> Iterator[tuple[bytes, int]]:
    """The path of each column of a row group as it is written, and where its chunk begins."""
    _, columns = value_of(text, group_at, _COLUMNS)
    for chunk in elements(text, columns):
        _, metadata = value_of(text, chunk, _METADATA)
        _, path = value_of(text, metadata, _PATH)
        yield text[path : skip(text, path, LIST)], chunk


def _with_metadata(text: bytes, end: int, metadata: Mapping[str, str]) -> bytes:
    """What stands behind the row groups, which end there, with other values by those keys."""
    copy = Rewriting(text, end)
    _, entries = value_of(text, end, _KEY_VALUES, before=_ROW_GROUPS)
    for entry in elements(text, entries):
        _, key_at = value_of(text, entry, _KEY)
        size, begin = varint(text, key_at)
        value = metadata.get(text[begin : begin + size].decode())
        if value is not None:
            _, at = value_of(text, entry, _VALUE)
            written = value.encode()
            copy.put(unsigned(len(written)) + written, at, skip(text, at, BINARY))
    return copy.up_to(len(text))


def _find(text: bytes) -> _Found:
    """Raises NotCompact, IndexError."""
    found = at = rows = rows_at = rows_end = 0
    while True:
        found, kind, at = field_head(text, at, found)
        if kind == STOP:
            raise NotCompact("a footer without row groups")
        if found == _ROW_GROUPS:
            _, groups, first = list_head(text, at)
            return _Found(rows, rows_at, rows_end, groups, at, first)
        if found == _ROWS:
            rows, rows_end = number(text, at)
            rows_at, at = at, rows_end
        else:
            at = skip(text, at, kind)
