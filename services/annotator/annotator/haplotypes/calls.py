"""Genotypes and phase sets of all samples in some records of a block, as columns of bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotator.validate.genotypes import CARRIED
from annotator.vcf.columns import FORMAT, Flags, Offsets, Spans, Table

Texts = npt.NDArray[np.bytes_]

_LONGEST = 32
"""Bytes of a genotype or a phase set; a longer one (a ploidy over 16) counts as missing."""
_AT_ONCE = 1 << 16
"""Values that are taken at once, so that memory stays small."""
_PS, _PSL = b"PS", b"PSL"


@dataclass(frozen=True, slots=True)
class Calls:
    """GT and PS of every sample in a record, empty where missing; who carries an allele of ALT.

    Where a record has phase set lists (PSL), whose sets are of single alleles, ``phase_sets`` has
    a value that equals no other: what PSL says of them is not used.
    """

    genotypes: Texts
    phase_sets: Texts
    carriers: Flags


def read(table: Table, rows: list[int]) -> dict[int, Calls]:
    """The calls of those records. Records whose FORMAT lacks GT have none."""
    if table.width <= FORMAT + 1 or not rows:
        return {}
    colons = np.flatnonzero(table.bytes[: len(table.text)] == ord(":"))
    colons = np.append(colons, [len(table.text)] * (FORMAT * 2))
    by_format: dict[bytes, list[int]] = {}
    column = table.column(FORMAT)
    for row in rows:
        text = table.text[column.starts[row] : column.ends[row]]
        by_format.setdefault(text, []).append(row)
    found: dict[int, Calls] = {}
    step = max(1, _AT_ONCE // (table.width - FORMAT - 1))
    for text, of_format in by_format.items():
        keys = text.split(b":")
        if b"GT" not in keys:
            continue
        for at in range(0, len(of_format), step):
            found |= _read(table, colons, keys, of_format[at : at + step])
    return found


def _read(table: Table, colons: Offsets, keys: list[bytes], rows: list[int]) -> dict[int, Calls]:
    chosen = np.array(rows)
    starts = table.tabs[chosen, FORMAT:] + 1
    ends = np.column_stack([table.tabs[chosen, FORMAT + 1 :], table.ends[chosen]])
    samples = Spans(starts, ends)
    genotypes = _values(table, colons, samples, keys.index(b"GT"))
    carriers: Flags = np.any(CARRIED.take(genotypes), axis=-1)
    if _PSL in keys:
        # Records of two blocks may have one number, but not tables that are held at one time.
        names = np.array([b"PSL%d.%d" % (id(table), row) for row in rows])
        sets = np.broadcast_to(names[:, np.newaxis], starts.shape)
    elif _PS in keys:
        sets = _texts(_values(table, colons, samples, keys.index(_PS)))
        sets = np.where(sets == b".", b"", sets)
    else:
        sets = np.broadcast_to(np.array(b""), starts.shape)
    texts = _texts(genotypes)
    return {row: Calls(texts[n], sets[n], carriers[n]) for n, row in enumerate(rows)}


def _values(table: Table, colons: Offsets, samples: Spans, place: int) -> npt.NDArray[np.uint8]:
    """The bytes of the value at that place of each sample, with zeros behind them."""
    behind = np.searchsorted(colons, samples.starts)
    most = len(colons) - 1
    if place:
        starts = colons.take(np.minimum(behind + place - 1, most)) + 1
        starts = np.minimum(starts, samples.ends)
    else:
        starts = samples.starts
    ends = np.minimum(colons.take(np.minimum(behind + place, most)), samples.ends)
    lengths = np.maximum(ends - starts, 0)
    lengths = np.where(lengths > _LONGEST, 0, lengths)
    width = max(int(lengths.max(initial=0)), 1)
    offsets = np.arange(width)
    found = table.bytes.take(starts[..., np.newaxis] + offsets, mode="clip")
    found[offsets >= lengths[..., np.newaxis]] = 0
    return found


def _texts(values: npt.NDArray[np.uint8]) -> Texts:
    width = values.shape[-1]
    texts: Texts = np.ascontiguousarray(values).view(f"S{width}")[..., 0]
    return texts
