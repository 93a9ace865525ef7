"""Recognises BCF, the binary form of VCF, and reads its header: section 6 of the specification."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from annotator.vcf import bgzf

MAGIC = b"BCF\x02"
_LENGTH_BYTES = 4
_BEFORE_TEXT = len(MAGIC) + 1 + _LENGTH_BYTES


def is_bcf(path: Path) -> bool:
    """True if the file is BCF, in blocks or not."""
    with path.open("rb") as file:
        return begins(file)


def begins(file: BinaryIO) -> bool:
    """True if the file, which is at its beginning and stays there, is BCF."""
    head = file.read(18)
    file.seek(0)
    if not bgzf.is_bgzf(head):
        return head.startswith(MAGIC)
    try:
        _, text = next(bgzf.blocks(file), (0, b""))
    except bgzf.Damaged:
        return False
    finally:
        file.seek(0)
    return text.startswith(MAGIC)


def header_text(pieces: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """The header of a BCF, which is that of a VCF."""
    left = -1
    before = b""
    for _, text in pieces:
        before += text
        if left < 0 and len(before) >= _BEFORE_TEXT:
            left = int.from_bytes(before[_BEFORE_TEXT - _LENGTH_BYTES : _BEFORE_TEXT], "little")
            before = before[_BEFORE_TEXT:]
        if left >= 0:
            yield 0, before[:left].rstrip(b"\x00")
            left = max(left - len(before), 0)
            before = b""
        if left == 0:
            return
