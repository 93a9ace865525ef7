"""Puts the footers of Parquet files together whose pages are laid end to end.

pyarrow can put footers together too, but not move what they point at. Offsets count from the start
of the file; they are moved, and all else is copied as it stands, so that what a later pyarrow adds
is kept.
Format: github.com/apache/parquet-format, ``README.md`` and ``parquet.thrift``.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from typing import IO

from annotator.output.parquet.compact import (
    STOP,
    STRUCT,
    Inside,
    NotCompact,
    Rewriting,
    change,
    field_head,
    list_head,
    list_head_of,
    number,
    skip,
    zigzag,
)

MAGIC = b"PAR1"
LENGTH_BYTES = 4
_IN_MEMORY = 1 << 20
# Numbers of fields in parquet.thrift.
_ROWS, _ROW_GROUPS = 3, 4  # of FileMetaData
_COLUMNS, _GROUP_OFFSET, _ORDINAL = 1, 5, 7  # of RowGroup
_METADATA = 3  # of ColumnChunk
_CHUNK_OFFSETS = (2, 4, 6)  # of ColumnChunk: itself, offset index, column index
_METADATA_OFFSETS = (9, 10, 11, 14)  # of ColumnMetaData: pages, index, dictionary, Bloom filter


class NotParquet(Exception):
    """A file is not a whole Parquet file."""


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
        # It is deleted with this object.
        self._groups: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115

    def add(self, text: bytes, pages_bytes: int) -> None:
        """Add the footer of a file whose pages, which follow ``MAGIC``, are so many bytes.

        Raises NotParquet.
        """
        try:
            found = _find(text)
            self._groups.write(self._moved(text, found))
        except (NotCompact, IndexError):
            raise NotParquet("a footer cannot be read") from None
        self._first = self._first or text
        self._rows += found.rows
        self.length += pages_bytes

    def _moved(self, text: bytes, found: _Found) -> bytes:
        """The row groups, with what they point at moved to where it will be."""
        shift = self.length - len(MAGIC)
        at, copy = found.first_group_at, Rewriting(text, found.first_group_at)
        for _ in range(found.groups):
            at = change(copy, at, _group(shift, self._count))
            self._count += 1
        return b"".join([*copy.pieces, text[copy.copied : at]])

    def write(self, out: IO[bytes]) -> None:
        """Write the footer of all files, at least one: but for its row groups it is the first's."""
        first, found = self._first, _find(self._first)
        end = found.first_group_at
        for _ in range(found.groups):
            end = skip(first, end, STRUCT)
        out.write(first[: found.rows_at] + zigzag(self._rows))
        out.write(first[found.rows_end : found.groups_at] + list_head_of(STRUCT, self._count))
        self._groups.seek(0)
        shutil.copyfileobj(self._groups, out)
        out.write(first[end:])

    def write_end(self, out: IO[bytes]) -> None:
        """Write what stands behind the pages of the file: the footer, its length, the magic."""
        begin = out.tell()
        self.write(out)
        out.write((out.tell() - begin).to_bytes(LENGTH_BYTES, "little") + MAGIC)


def _group(shift: int, ordinal: int) -> Inside:
    def moved(offset: int) -> int:
        return offset + shift if offset > 0 else offset  # 0 stands for none in some of them

    metadata = Inside(dict.fromkeys(_METADATA_OFFSETS, moved))
    chunk = Inside({**dict.fromkeys(_CHUNK_OFFSETS, moved), _METADATA: metadata})
    return Inside({_COLUMNS: chunk, _GROUP_OFFSET: moved, _ORDINAL: lambda _: ordinal})


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
