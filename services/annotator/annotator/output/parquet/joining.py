"""Joins Parquet files of one schema by copying their row groups; only the footer is written anew.

pyarrow can read and write row groups, which means to decode and encode them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from annotator.output.parquet.footers import LENGTH_BYTES, MAGIC, Footers, NotParquet

_CHUNK_BYTES = 1 << 20
_TAIL_BYTES = LENGTH_BYTES + len(MAGIC)


def join(parts: Iterable[Path], to: Path) -> None:
    """Write the row groups of all parts, in order, into one file. Raises NotParquet.

    The parts, at least one, have the same schema, and metadata of which the first part's count.
    """
    with to.open("wb") as out:
        out.write(MAGIC)
        _append(parts, out).write_end(out)


def join_pages(parts: Iterable[Path], pages: Path, footer: Path) -> None:
    """Write what ``join`` writes between the magic and the footer, and the footer."""
    with pages.open("wb") as out, footer.open("wb") as end:
        _append(parts, out).write(end)


def _append(parts: Iterable[Path], out: BinaryIO) -> Footers:
    """Copy the pages of all parts; gives their footers."""
    footers = Footers()
    for path in parts:
        footer = footer_of(path)
        left = path.stat().st_size - len(footer) - _TAIL_BYTES - len(MAGIC)
        footers.add(footer, left)
        with path.open("rb") as part:
            part.seek(len(MAGIC))
            while left:
                left -= out.write(part.read(min(_CHUNK_BYTES, left)))
    return footers


def footer_of(path: Path) -> bytes:
    """The footer of a Parquet file. Raises NotParquet."""
    with path.open("rb") as part:
        size = part.seek(0, 2)
        part.seek(max(size - _TAIL_BYTES, 0))
        length, magic = part.read(LENGTH_BYTES), part.read()
        begin = size - _TAIL_BYTES - int.from_bytes(length, "little")
        if magic != MAGIC or begin < len(MAGIC):
            raise NotParquet(f"{path.name} is not a whole Parquet file")
        part.seek(begin)
        return part.read(size - _TAIL_BYTES - begin)
