"""Joins Parquet files of one schema by copying their row groups; only the footer is written anew.

pyarrow can read and write row groups, which means to decode and encode them, and it can put
footers together, but not move what they point at. A footer is a Thrift structure whose offsets
count from the start of the file: it is read without regard to what it means, so that what a later
pyarrow adds is kept, and those offsets are moved.
Format: github.com/apache/parquet-format, ``README.md`` and ``parquet.thrift``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, NamedTuple

from thrift.protocol.TCompactProtocol import TCompactProtocol
from thrift.Thrift import TType
from thrift.transport.TTransport import TMemoryBuffer

MAGIC = b"PAR1"
_LENGTH_BYTES = 4
_CHUNK_BYTES = 1 << 20
# Numbers of fields in parquet.thrift.
_ROWS, _ROW_GROUPS, _KEY_VALUES = 3, 4, 5  # of FileMetaData
_KEY, _VALUE = 1, 2  # of KeyValue
_PATH = 3  # of ColumnMetaData
_COLUMNS, _GROUP_OFFSET, _ORDINAL = 1, 5, 7  # of RowGroup
_METADATA = 3  # of ColumnChunk
_CHUNK_OFFSETS = (2, 4, 6)  # of ColumnChunk: itself, offset index, column index
_METADATA_OFFSETS = (9, 10, 11, 14)  # of ColumnMetaData: pages, index, dictionary, Bloom filter

Fields = dict[int, list[Any]]
"""A structure: the type and the value of each field, by its number, in order."""


class NotParquet(Exception):
    """A file is not a whole Parquet file."""


class Instead(NamedTuple):
    """Columns of a file that lie elsewhere: the footer of a file of them, in the same row groups,
    and where its pages begin in the joined file.
    """

    footer: bytes
    at: int


class Footers:
    """Puts the footers of files together whose pages are laid end to end behind ``MAGIC``.

    ``length`` is how long the file is without its own footer. Row groups are kept as they will be
    written, which takes a twentieth of the memory of what they say.
    """

    def __init__(self) -> None:
        self.length = len(MAGIC)
        self._joined: Fields = {}
        self._groups: list[bytes] = []

    def add(self, text: bytes, pages_bytes: int, instead: Instead | None = None) -> None:
        """Add the footer of a file whose pages, which follow ``MAGIC``, are so many bytes.

        Some columns may be elsewhere ``instead``.
        """
        footer = _read(TCompactProtocol(TMemoryBuffer(text)))
        shift = self.length - len(MAGIC)
        groups = footer[_ROW_GROUPS][1][1]
        for group in groups:
            _move_group(group, shift)
        if instead:
            _put_instead(groups, instead)
        for group in groups:
            if _ORDINAL in group:
                group[_ORDINAL][1] = len(self._groups)
            self._groups.append(_written(group))
        self.length += pages_bytes
        if self._joined:
            self._joined[_ROWS][1] += footer[_ROWS][1]
        else:
            self._joined = footer

    def text(self, metadata: Mapping[str, str] = MappingProxyType({})) -> bytes:
        """The footer of all files; ``metadata`` takes the place of what they say by those keys."""
        for entry in self._joined[_KEY_VALUES][1][1] if metadata else ():
            value = metadata.get(entry[_KEY][1].decode())
            if value is not None:
                entry[_VALUE][1] = value.encode()
        groups = self._joined[_ROW_GROUPS][1]
        return _written(self._joined | {_ROW_GROUPS: [TType.LIST, (groups[0], self._groups)]})


def join(parts: Iterable[Path], to: Path) -> None:
    """Write the row groups of all parts, in order, into one file. Raises NotParquet.

    The parts, at least one, have the same schema, and metadata of which the first part's count.
    """
    with to.open("wb") as out:
        out.write(MAGIC)
        out.write(end_of(_append(parts, out)))


def join_pages(parts: Iterable[Path], to: Path) -> bytes:
    """Write what ``join`` writes between the magic and the footer; gives the footer."""
    with to.open("wb") as out:
        return _append(parts, out)


def end_of(footer: bytes) -> bytes:
    """What stands behind the pages of a file with that footer."""
    return footer + len(footer).to_bytes(_LENGTH_BYTES, "little") + MAGIC


def _append(parts: Iterable[Path], out: BinaryIO) -> bytes:
    """Copy the pages of all parts; gives their footer."""
    footers = Footers()
    for path in parts:
        footer = footer_of(path)
        left = path.stat().st_size - len(end_of(footer)) - len(MAGIC)
        footers.add(footer, left)
        with path.open("rb") as part:
            part.seek(len(MAGIC))
            while left:
                left -= out.write(part.read(min(_CHUNK_BYTES, left)))
    return footers.text()


def footer_of(path: Path) -> bytes:
    """The footer of a Parquet file. Raises NotParquet."""
    tail = _LENGTH_BYTES + len(MAGIC)
    with path.open("rb") as part:
        size = part.seek(0, 2)
        part.seek(max(size - tail, 0))
        length, magic = part.read(_LENGTH_BYTES), part.read()
        begin = size - tail - int.from_bytes(length, "little")
        if magic != MAGIC or begin < len(MAGIC):
            raise NotParquet(f"{path.name} is not a whole Parquet file")
        part.seek(begin)
        return part.read(size - tail - begin)


def _put_instead(groups: list[Fields], instead: Instead) -> None:
    footer = _read(TCompactProtocol(TMemoryBuffer(instead.footer)))
    for group, other in zip(groups, footer[_ROW_GROUPS][1][1], strict=True):
        _move_group(other, instead.at - len(MAGIC))
        others = {_path_of(chunk): chunk for chunk in other[_COLUMNS][1][1]}
        chunks = group[_COLUMNS][1][1]
        chunks[:] = [others.get(_path_of(chunk), chunk) for chunk in chunks]


def _path_of(chunk: Fields) -> tuple[bytes, ...]:
    return tuple(chunk[_METADATA][1][_PATH][1][1])


def _move_group(group: Fields, shift: int) -> None:
    _move(group, (_GROUP_OFFSET,), shift)
    for chunk in group[_COLUMNS][1][1]:
        _move(chunk, _CHUNK_OFFSETS, shift)
        _move(chunk[_METADATA][1], _METADATA_OFFSETS, shift)


def _move(fields: Fields, numbers: Iterable[int], shift: int) -> None:
    for number in numbers:
        if number in fields and fields[number][1] > 0:  # 0 stands for none in some of them
            fields[number][1] += shift


def _read(protocol: TCompactProtocol) -> Fields:
    fields: Fields = {}
    protocol.readStructBegin()
    while (field := protocol.readFieldBegin())[1] != TType.STOP:
        fields[field[2]] = [field[1], _read_value(protocol, field[1])]
        protocol.readFieldEnd()
    protocol.readStructEnd()
    return fields


def _read_value(protocol: TCompactProtocol, kind: int) -> Any:
    if kind == TType.STRUCT:
        return _read(protocol)
    if kind in {TType.LIST, TType.SET}:
        inner, size = protocol.readListBegin()
        values = [_read_value(protocol, inner) for _ in range(size)]
        protocol.readListEnd()
        return inner, values
    return getattr(protocol, f"read{_SCALARS[kind]}")()


def _written(fields: Fields) -> bytes:
    buffer = TMemoryBuffer()
    _write(TCompactProtocol(buffer), fields)
    return bytes(buffer.getvalue())


def _write(protocol: TCompactProtocol, fields: Fields) -> None:
    protocol.writeStructBegin("")
    for number, (kind, value) in fields.items():
        protocol.writeFieldBegin("", kind, number)
        _write_value(protocol, kind, value)
        protocol.writeFieldEnd()
    protocol.writeFieldStop()
    protocol.writeStructEnd()


def _write_value(protocol: TCompactProtocol, kind: int, value: Any) -> None:
    if isinstance(value, bytes) and kind == TType.STRUCT:
        protocol.trans.write(value)  # it is written already
    elif kind == TType.STRUCT:
        _write(protocol, value)
    elif kind in {TType.LIST, TType.SET}:
        inner, values = value
        protocol.writeListBegin(inner, len(values))
        for one in values:
            _write_value(protocol, inner, one)
        protocol.writeListEnd()
    else:
        getattr(protocol, f"write{_SCALARS[kind]}")(value)


_SCALARS = {
    TType.BOOL: "Bool",
    TType.BYTE: "Byte",
    TType.I16: "I16",
    TType.I32: "I32",
    TType.I64: "I64",
    TType.DOUBLE: "Double",
    TType.STRING: "Binary",
}
