"""Reads, moves and joins CSI indexes of VCF files, without the files.

Format: "The CSI index format" (CSIv1.pdf) and "The Tabix index file format" (tabix.pdf) of
hts-specs. A virtual offset is the offset of a block in the file times 2^16, plus that in its text.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from annotator.vcf import bgzf

_MAGIC = b"CSI\1"
_OFFSET_BITS = 16
_CHILDREN = 8
_CONF_BYTES = 28  # seven numbers of tabix; the last is the length of the names

Chunk = tuple[int, int]


class NotCsi(Exception):
    """The file is no CSI index of a VCF."""


@dataclass
class Bin:
    """Chunks of the file that have the records of a stretch of the contig.

    ``first`` is a place at or before the first record that overlaps the beginning of the stretch.
    """

    first: int
    chunks: list[Chunk]

    def moved(self, by: int, *, is_count: bool) -> Bin:
        """The same ``by`` virtual offsets further on; counts, which stand in a chunk, stay."""
        chunks = [(begin + by, end + by) for begin, end in self.chunks]
        if is_count:
            return Bin(0, [chunks[0], self.chunks[1]])
        return Bin(max(self.first + by, 0), chunks)


@dataclass
class Index:
    """``contigs`` has for each name the bins by their numbers; ``conf`` is the head of tabix's."""

    min_shift: int = 14
    depth: int = 6
    conf: bytes = b""
    contigs: dict[bytes, dict[int, Bin]] = field(default_factory=dict)
    unplaced: int = 0

    @property
    def count_bin(self) -> int:
        """The number of the bin that has no records, but counts of all those of the contig."""
        return ((1 << 3 * (self.depth + 1)) - 1) // 7 + 1

    def add(self, later: Index, by: int) -> None:
        """Add the index of the next part of the file, which begins so many bytes further on."""
        if not self.conf:
            self.min_shift, self.depth, self.conf = later.min_shift, later.depth, later.conf
        if (self.min_shift, self.depth, self.conf) != (later.min_shift, later.depth, later.conf):
            raise NotCsi("the parts have indexes of different kinds")
        self.unplaced += later.unplaced
        for name, bins in later.contigs.items():
            mine = self.contigs.setdefault(name, {})
            moved = {
                number: one.moved(by << _OFFSET_BITS, is_count=number == self.count_bin)
                for number, one in bins.items()
            }
            firsts = {number: self._first(mine, number) for number in moved}
            for number, one in moved.items():
                self._put(mine, number, one, firsts[number])

    def _first(self, bins: dict[int, Bin], number: int) -> int | None:
        """Where the first record is that may overlap the beginning of that bin's stretch.

        A record that reaches into it is in a bin that has it whole: one of those above, or of the
        leaf at its beginning.
        """
        if number == self.count_bin:
            return None
        at = number
        while at * _CHILDREN + 1 < self.count_bin - 1:
            at = at * _CHILDREN + 1
        found = None
        while True:
            if at in bins:
                begin = bins[at].chunks[0][0]
                found = begin if found is None else min(found, begin)
            if not at:
                return found
            at = (at - 1) // _CHILDREN

    def _put(self, bins: dict[int, Bin], number: int, one: Bin, first: int | None) -> None:
        there = bins.get(number)
        if number == self.count_bin and there:
            (begin, _), (mapped, unmapped) = there.chunks
            (_, end), (more, others) = one.chunks
            bins[number] = Bin(there.first, [(begin, end), (mapped + more, unmapped + others)])
        elif there:
            there.chunks += one.chunks
        else:
            bins[number] = one if first is None else replace(one, first=min(one.first, first))

    def write(self, path: Path) -> None:
        """Write the index, packed."""
        names = b"".join(name + b"\0" for name in self.contigs)
        aux = self.conf + struct.pack("<i", len(names)) + names
        with bgzf.Writer(path) as out:
            out.write(_MAGIC + struct.pack("<iii", self.min_shift, self.depth, len(aux)) + aux)
            out.write(struct.pack("<i", len(self.contigs)))
            for bins in self.contigs.values():
                out.write(struct.pack("<i", len(bins)))
                for number, one in bins.items():
                    out.write(struct.pack("<IQi", number, one.first, len(one.chunks)))
                    out.write(b"".join(struct.pack("<QQ", *chunk) for chunk in one.chunks))
            out.write(struct.pack("<Q", self.unplaced))
            out.end()


def read(path: Path) -> Index:
    """The index in that file. Raises NotCsi."""
    with path.open("rb") as file:
        text = io.BytesIO(b"".join(piece for _, piece in bgzf.blocks(file)))
    magic, min_shift, depth, aux_bytes = struct.unpack("<4siii", text.read(16))
    aux = text.read(aux_bytes)
    if magic != _MAGIC or len(aux) < _CONF_BYTES:
        raise NotCsi(f"{path.name} is no CSI index of a VCF")
    index = Index(min_shift, depth, aux[: _CONF_BYTES - 4])
    names = aux[_CONF_BYTES:].split(b"\0")[:-1]
    (contigs,) = struct.unpack("<i", text.read(4))
    if contigs != len(names):
        raise NotCsi(f"{path.name} names {len(names)} contigs, not {contigs}")
    for name in names:
        index.contigs[name] = dict(_bins(text))
    rest = text.read(8)
    index.unplaced = struct.unpack("<Q", rest)[0] if len(rest) == 8 else 0
    return index


def _bins(text: io.BytesIO) -> Iterable[tuple[int, Bin]]:
    (bins,) = struct.unpack("<i", text.read(4))
    for _ in range(bins):
        number, first, chunks = struct.unpack("<IQi", text.read(16))
        yield number, Bin(first, [struct.unpack("<QQ", text.read(16)) for _ in range(chunks)])
