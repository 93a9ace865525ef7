"""Writes the bare records that an engine is given."""

from __future__ import annotations

import numpy as np

from annotator.bundle import Bundle
from annotator.engine.blocks import Block
from annotator.engine.genotypes import CARRIED
from annotator.engine.records import ALT, FORMAT, POS, REF, Contigs, Reach, Rows
from annotator.engine.table import Offsets, Spans, distinct, join

ID_DIGITS = 12
_MIDDLE = b"\t.\t.\t."
_LONE = b"\t1\t.\t."
_GENOTYPE = b"\tGT"
_MISSING = b"\t."
_GROUP = 10_000
_DIGITS = (np.arange(_GROUP)[:, None] // 10 ** np.arange(3, -1, -1) % 10 + ord("0")).astype(
    np.uint8
)
"""The four digits of each number below 10,000: three lookups instead of twelve divisions."""


def engine_header(bundle: Bundle, samples: int) -> bytes:
    """The header of bare records on the contigs of a bundle."""
    lines = ["##fileformat=VCFv4.2"]
    lines += [f"##contig=<ID={c.name},length={c.length}>" for c in bundle.manifest.contigs]
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    if samples:
        lines.append('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">')
        columns += "\tFORMAT" + "".join(f"\ts{n}" for n in range(samples))
    return "\n".join([*lines, columns, ""]).encode()


class Feeder:
    """Makes bare records of those that the engine is to judge."""

    def __init__(
        self, bundle: Bundle, contigs: Contigs, *, with_samples: bool, with_lone: bool
    ) -> None:
        self._names = [contig.name.encode() + b"\t" for contig in bundle.manifest.contigs]
        self._contigs = contigs
        self._with_samples = with_samples
        self._with_lone = with_samples and with_lone
        self._reach = Reach()

    def bare(self, block: Block, judged: Offsets) -> bytes:
        """The bare records of the rows ``judged``, among which all are that are needed."""
        rows = block.rows
        table = rows.table
        if not len(judged):
            return b""
        extras = _Extras(len(table.bytes))
        names = self._chroms(rows, judged, extras)
        ids = extras.digits(block.first + judged)
        positions, refs, alts = (
            table.column(POS)[judged],
            table.column(REF)[judged],
            table.column(ALT)[judged],
        )
        genotypes = self._genotypes(rows, judged, extras) if self._with_samples else []
        pieces = [
            names,
            Spans(positions.starts, positions.ends + 1),
            ids,
            Spans(refs.starts - 1, alts.ends),
            self._middle(block, judged, genotypes, extras),
            *genotypes,
        ]
        pieces.append(extras.same(b"\n", len(judged)))
        starts = np.column_stack([piece.starts for piece in pieces]).ravel()
        ends = np.column_stack([piece.ends for piece in pieces]).ravel()
        source = np.concatenate([table.bytes, np.frombuffer(extras.text(), dtype=np.uint8)])
        return join(source, Spans(starts, ends))

    def _chroms(self, rows: Rows, judged: Offsets, extras: _Extras) -> Spans:
        in_bundle = np.array(self._contigs.in_bundle)[rows.contigs[judged]]
        starts, ends = np.empty_like(judged), np.empty_like(judged)
        for number in distinct(in_bundle):
            here = in_bundle == number
            span = extras.add(self._names[number])
            starts[here], ends[here] = span
        return Spans(starts, ends)

    def _middle(
        self, block: Block, judged: Offsets, genotypes: list[Spans], extras: _Extras
    ) -> Spans:
        """QUAL, FILTER, INFO and FORMAT; QUAL is 1 for what is to be judged by itself."""
        if not self._with_samples:
            return extras.same(_MIDDLE, len(judged))
        usual, lone = extras.add(_MIDDLE + _GENOTYPE), extras.add(_LONE + _GENOTYPE)
        alone = np.zeros(len(judged), dtype=np.bool_)
        if self._with_lone:
            table = block.rows.table
            # What is given besides must not matter: when that is done depends on time.
            needed = np.searchsorted(judged, block.needed)
            alone[needed] = self._reach.overlapped(block.rows, block.needed)
            carried = np.zeros(len(judged), dtype=np.int64)
            for sample in genotypes:
                inside = sample.starts < len(table.text)  # not of a row without GT
                carried[inside] += table.count(CARRIED, sample[inside])
            alone |= carried == 0
        return Spans(np.where(alone, lone[0], usual[0]), np.where(alone, lone[1], usual[1]))

    def _genotypes(self, rows: Rows, judged: Offsets, extras: _Extras) -> list[Spans]:
        table = rows.table
        formats = table.column(FORMAT)[judged]
        second = table.bytes[formats.starts + 1]
        third = table.bytes[formats.starts + 2]
        has = (table.first(formats) == ord("G")) & (second == ord("T"))
        has &= (formats.lengths == 2) | (third == ord(":"))
        colons = np.flatnonzero(table.bytes == ord(":"))
        colons = np.append(colons, len(table.bytes))
        missing = extras.add(_MISSING)
        pieces = []
        for number in range(FORMAT + 1, table.width):
            sample = table.column(number)[judged]
            ends = np.minimum(sample.ends, colons[np.searchsorted(colons, sample.starts)])
            pieces.append(
                Spans(np.where(has, sample.starts - 1, missing[0]), np.where(has, ends, missing[1]))
            )
        return pieces


class _Extras:
    """Text that is not the user's, laid behind the block's."""

    def __init__(self, offset: int) -> None:
        self._at = offset
        self._parts: list[bytes] = []

    def add(self, text: bytes) -> tuple[int, int]:
        start, self._at = self._at, self._at + len(text)
        self._parts.append(text)
        return start, self._at

    def same(self, text: bytes, times: int) -> Spans:
        """That text, once for each of so many rows."""
        start, end = self.add(text)
        return Spans(np.full(times, start), np.full(times, end))

    def digits(self, numbers: Offsets) -> Spans:
        """Each number as digits of one width."""
        upper, lower = np.divmod(numbers, _GROUP)
        groups = np.column_stack([*np.divmod(upper, _GROUP), lower])
        matrix = _DIGITS[groups].reshape(len(numbers), ID_DIGITS)
        start, _ = self.add(matrix.tobytes())
        starts = start + np.arange(len(numbers)) * ID_DIGITS
        return Spans(starts, starts + ID_DIGITS)

    def text(self) -> bytes:
        return b"".join(self._parts)
