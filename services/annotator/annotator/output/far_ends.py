"""The index of a VCF in which records say that they end farther than any index reaches.

htslib refuses such a file as a whole. So a copy is indexed in which the keys that say so have
other names, of the same length: its blocks have the text of the file's own, and only the offsets of
blocks are others.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pysam.bcftools

from annotator.output import csi
from annotator.vcf import bgzf

_FAR = re.compile(
    rb"(?<=[\t;])(?:END|SVLEN)(?==[^;\t\n]*[0-9]{10})|(?<=[\t:])LEN(?=[:\t][^\n]*[0-9]{10})"
)
"""Keys of INFO and FORMAT with a value of ten digits: no index holds one with more."""
_OFFSET_BITS = 16


def write(vcf: Path) -> None:
    """Write ``vcf``'s CSI index beside it; what ends too far is where it begins.

    Raises SamtoolsError if it cannot be indexed for another reason.
    """
    copy = vcf.with_suffix(".near.gz")
    made = copy.with_name(f"{copy.name}.csi")
    try:
        places = _copied(vcf, copy)
        pysam.bcftools.index("--csi", "--force", str(copy), catch_stdout=False)
        index = csi.read(made)
        for bins in index.contigs.values():
            for number, one in bins.items():
                bins[number] = _placed(one, places, is_count=number == index.count_bin)
        index.write(vcf.with_name(f"{vcf.name}.csi"))
    finally:
        copy.unlink(missing_ok=True)
        made.unlink(missing_ok=True)


def _copied(vcf: Path, copy: Path) -> dict[int, int]:
    """Write the copy; returns the offset in ``vcf`` of each of its blocks, and of its end."""
    with vcf.open("rb") as file, bgzf.Writer(copy) as out:
        blocks = _Blocks()
        for text in blocks.renamed(bgzf.blocks(file)):
            out.write(text)
            out.flush()
        out.end()
    ends = (copy.stat().st_size, vcf.stat().st_size)
    return {**dict(zip(out.blocks, blocks.starts, strict=True)), ends[0]: ends[1]}


class _Blocks:
    """Blocks of text, of which lines are looked at as wholes; ``starts`` are their offsets."""

    def __init__(self) -> None:
        self.starts: list[int] = []

    def renamed(self, blocks: Iterator[tuple[int, bytes]]) -> Iterator[bytes]:
        """The text of each block, as long as it was."""
        sizes: deque[int] = deque()
        line, ready = b"", b""
        for start, content in blocks:
            self.starts.append(start)
            sizes.append(len(content))
            whole, end, line = (line + content).rpartition(b"\n")
            ready += _FAR.sub(_other_key, whole) + end
            while sizes and sizes[0] and len(ready) >= sizes[0]:
                size = sizes.popleft()
                yield ready[:size]
                ready = ready[size:]


def _other_key(match: re.Match[bytes]) -> bytes:
    return match[0].lower()


def _placed(one: csi.Bin, places: dict[int, int], *, is_count: bool) -> csi.Bin:
    """The same bin by the offsets of other blocks; the counts in its second chunk stay."""

    def placed(offset: int) -> int:
        within = offset & ((1 << _OFFSET_BITS) - 1)
        return places[offset >> _OFFSET_BITS] << _OFFSET_BITS | within

    chunks = [(placed(begin), placed(end)) for begin, end in one.chunks[: 1 if is_count else None]]
    return csi.Bin(placed(one.first), chunks + one.chunks[len(chunks) :])
