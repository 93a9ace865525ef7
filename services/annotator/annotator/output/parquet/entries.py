"""Entries of CSQ with numbers as numbers: the picked one of each allele, and all of them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from annotator.consequences.entries import NONE, Entries
from annotator.consequences.vocabulary import IMPACTS, terms_of
from annotator.output.parquet import schema
from annotator.vcf.columns import Offsets

_NAMES = {name.lower(): name for name in ("HGVSc", "HGVSp", "PolyPhen", "GAS_so_terms")}
_RANGES = {"cdna": "cDNA_position", "cds": "CDS_position", "protein": "Protein_position"}
_POLARS = {pa.string(): pl.String, pa.int32(): pl.Int32, pa.int8(): pl.Int8}
_TITLED = ("Allele", "Consequence", "Gene", "Feature_type", "Feature", "Amino_acids", "Codons")
_CSQ = _NAMES | {name.lower(): name for name in _TITLED}


def csq_name(column: str) -> str:
    """The field of CSQ that a column of the table holds, as VEP writes it.

    >>> csq_name("hgvsc"), csq_name("symbol")
    ('HGVSc', 'SYMBOL')
    """
    return _CSQ.get(column, column.upper())


class EntryColumns:
    """The columns of entries, each of which belongs to one of ``size`` rows: that at ``places``.

    Entries are in the order of the rows. Texts that repeat are given to the writer as numbers of
    words, so that it reads none twice.
    """

    def __init__(self, entries: Entries, places: Offsets, size: int) -> None:
        self._entries, self._places, self._size = entries, places, size
        self._begins = np.flatnonzero(np.diff(places, prepend=-1))

    def columns(self) -> dict[str, pa.Array]:
        """Those of ``schema.TRANSCRIPT``, ``schema.ALLELE`` and ``schema.TRANSCRIPTS``."""
        found = self._over_all() | self._of_allele()
        counts = np.bincount(self._places, minlength=self._size)
        offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
        empty = None if counts.all() else pa.array(counts == 0)
        is_picked = self._entries.frame["PICK"].is_not_null().to_numpy()
        picked = self._index(np.flatnonzero(is_picked))
        for column in (*schema.TRANSCRIPT, schema.PICK):
            values = self._column(column)
            if column is not schema.PICK:
                found[column.name] = values.take(picked)
            lists = pa.ListArray.from_arrays(offsets, values, mask=empty)
            found[schema.TRANSCRIPTS_PREFIX + column.name] = lists
        return found

    def _column(self, column: schema.Column) -> pa.Array:
        """A column of ``schema.TRANSCRIPT`` or PICK, of all entries."""
        frame = self._entries.frame
        stem, _, end = column.name.rpartition("_")
        source = _RANGES.get(stem) or csq_name(column.name)
        if column.name == "term":
            codes, texts = self._entries.words("Consequence")
            return words(codes, [text.partition("&")[0] for text in texts])
        if source not in frame.columns:
            return pa.nulls(frame.height, column.type)
        if column.type == schema.WORD:
            return words(*self._entries.words(source))
        if column.type == pa.bool_():
            return pa.array(frame[source].is_not_null().to_numpy())
        if stem in _RANGES:
            return arrow_of(_bound(frame[source], end), column.type)
        return arrow_of(frame[source].cast(_POLARS[column.type], strict=False), column.type)

    def _over_all(self) -> dict[str, pa.Array]:
        """The columns of ``schema.ALLELE`` that all transcripts of each row tell together."""
        if not len(self._places):
            return {}
        bits = np.bitwise_or.reduceat(self._entries.bits, self._begins)
        different, which = np.unique(bits, return_inverse=True)
        codes = self._spread(which)
        terms = [terms_of(int(one)) for one in different]
        is_mane = self._entries.words("MANE").codes != NONE
        has_mane = pa.array(np.logical_or.reduceat(is_mane, self._begins))
        return {
            "worst_term": words(codes, [some[0] for some in terms]),
            "worst_impact": words(codes, [IMPACTS[some[0]] for some in terms]),
            "all_terms": words(codes, ["&".join(some) for some in terms]),
            "all_symbols": self._all_symbols(),
            "has_mane": has_mane.take(_or_null(self._spread(np.arange(len(self._begins))))),
        }

    def _all_symbols(self) -> pa.Array:
        """The genes of each row, in the order of its entries; most have one, or none."""
        codes, names = self._entries.words("SYMBOL")
        numbers = dict(zip(names, range(len(names)), strict=True))
        last = np.append(self._begins[1:], len(codes))
        found = np.maximum.reduceat(codes, self._begins)
        several = np.flatnonzero(found != np.minimum.reduceat(codes, self._begins))
        for row in several.tolist():
            mine = dict.fromkeys(codes[self._begins[row] : last[row]].tolist())
            text = "&".join(names[code] for code in mine if code != NONE)
            found[row] = numbers.setdefault(text, len(numbers))
        return words(self._spread(found), list(numbers))

    def _of_allele(self) -> dict[str, pa.Array]:
        """VARIANT_CLASS and HGVSg, which all entries of a row share."""
        frame, first = self._entries.frame, self._index(self._begins)
        found = {}
        if "VARIANT_CLASS" in frame.columns:
            found["variant_class"] = words(*self._entries.words("VARIANT_CLASS")).take(first)
        if "HGVSg" in frame.columns:
            found["hgvsg"] = arrow_of(frame["HGVSg"], pa.string()).take(first)
        return found

    def _index(self, entries: Offsets) -> pa.Array:
        """The place among all entries of those, one a row at most; null where a row has none."""
        at = np.full(self._size, NONE)
        at[self._places[entries]] = entries
        return _or_null(at)

    def _spread(self, values: Offsets) -> Offsets:
        """Values of rows that have entries, for all rows; NONE for the others."""
        spread = np.full(self._size, NONE)
        spread[self._places[self._begins]] = values
        return spread


def _or_null(places: Offsets) -> pa.Array:
    return pa.array(places, mask=places == NONE)


def words(codes: Offsets, texts: list[str]) -> pa.Array:
    """Texts by their numbers, null for NONE. ``texts`` may have one more than once."""
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    if len(numbers) < len(texts):
        # Arrow writes a dictionary with as many bytes as all its texts have, and those of a text
        # that comes again with whatever was in memory.
        again = np.array([numbers[text] for text in texts])
        codes = np.where(codes == NONE, NONE, again[codes])
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=codes == NONE),
        pa.array(list(numbers), type=pa.string()),
    )


def _bound(texts: pl.Series, end: str) -> pl.Series:
    """The first or last number of ``605``, ``605-606``, ``?-606`` or ``605-?``."""
    at = texts.is_not_null().arg_true()  # few entries have a position
    found = texts.gather(at).str.extract(r"^([^-]*)" if end == "start" else r"([^-]*)$", 1)
    bounds = pl.repeat(None, len(texts), dtype=pl.Int32, eager=True)
    return bounds.scatter(at, found.cast(pl.Int32, strict=False))


def arrow_of(series: pl.Series, type_: pa.DataType) -> pa.Array:
    """The same for Arrow, with exactly that type."""
    array = series.to_arrow()
    return array if array.type == type_ else array.cast(type_)
