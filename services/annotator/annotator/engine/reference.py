"""Bases of the reference, read in blocks so that a sorted file costs few look-ups."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import pysam

from annotator.bundle import Bundle

_BLOCK = 1 << 16


class Reference:
    """The reference sequence of a bundle; positions count from 1."""

    def __init__(self, bundle: Bundle) -> None:
        self._fasta = pysam.FastaFile(str(bundle.reference))
        self._contig = ""
        self._start = 0
        self._block = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._fasta.close()

    def agrees(self, contig: str, position: int, ref: bytes) -> bool:
        """True if ``ref`` is what stands there; N on either side agrees with anything."""
        bases = self._bases(contig, position - 1, len(ref))
        ref = ref.upper()
        if bases == ref:
            return True
        return len(bases) == len(ref) and all(
            a == b or a == ord("N") or b == ord("N") for a, b in zip(bases, ref, strict=True)
        )

    def shown(self, contig: str, position: int, length: int) -> str:
        """The bases there, for a message; 40 at most."""
        return self._bases(contig, position - 1, min(length, 40)).decode()

    def _bases(self, contig: str, start: int, length: int) -> bytes:
        end = start + length
        inside = self._start <= start and end <= self._start + len(self._block)
        if contig != self._contig or not inside:
            self._contig, self._start = contig, start
            fetched = self._fasta.fetch(contig, start, start + max(length, _BLOCK))
            self._block = fetched.upper().encode()
        return self._block[start - self._start : end - self._start]
