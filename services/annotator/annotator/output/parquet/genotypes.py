"""Reads the samples of a block: GT and the numbers beside it, in time linear in the bytes.

Cells are numbered record by record, sample by sample. What a genotype means is worked out once for
each different text; cells hold the number of their text.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from annotator.vcf.columns import FORMAT, Bytes, Flags, Offsets, Spans, Table
from annotator.vcf.pieces import Separators
from annotator.vcf.strings import strings

ZYGOSITIES = ("hom_ref", "het", "hom", "hemi", "other", "partial")
_HOM_REF, _HET, _HOM, _HEMI, _OTHER, _PARTIAL = range(len(ZYGOSITIES))
NONE = -1
_FEW = 9
"""Allele numbers below this are looked up in a table, which most files need alone."""
_ALLELE = re.compile(r"[0-9]+|\.")
_MOST_DIGITS = 9
_DOT = 10
_NEITHER = 255
_DIGIT: Bytes = np.full(256, _NEITHER, dtype=np.uint8)
_DIGIT[ord("0") : ord("9") + 1] = np.arange(10)
_DIGIT[ord(".")] = _DOT
_KINDS = _DOT + 1
_PAIRS = 2 * _KINDS * _KINDS

Codes = npt.NDArray[np.int64]


def cells(table: Table) -> Spans:
    """The text of each sample of each record. ``table`` has samples."""
    starts = table.tabs[:, FORMAT:] + 1
    ends = np.column_stack([table.tabs[:, FORMAT + 1 :], table.ends])
    return Spans(starts.ravel(), ends.ravel())


class Samples:
    """The cells of a block, ready to be asked for a key of FORMAT."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.count = table.width - FORMAT - 1
        self._cells = cells(table)
        self._colons = Separators.of(table.bytes, ord(":"))
        self._formats, self._format_of = self._distinct_formats()

    def _distinct_formats(self) -> tuple[list[list[str]], Offsets]:
        table, column = self.table, self.table.column(FORMAT)
        first = table.text[column.starts[0] : column.ends[0]]
        if table.equals(column, first).all():
            return [first.decode("utf-8", "replace").split(":")], np.zeros(
                table.rows, dtype=np.int64
            )
        texts, which = np.unique(
            strings(table.bytes, column).to_numpy().astype(object), return_inverse=True
        )
        return [str(text).split(":") for text in texts], which

    def has(self, key: str) -> Flags:
        """Which records have that key in FORMAT."""
        have = np.array([key in keys for keys in self._formats])
        flags: Flags = have[self._format_of]
        return flags

    def values(self, key: str) -> Spans:
        """The value of that key in each cell; an empty span where it has none."""
        numbers = [keys.index(key) if key in keys else NONE for keys in self._formats]
        number = np.array(numbers, dtype=np.int64)[self._format_of]
        return self._colons.nth(self._cells, np.repeat(number, self.count))


@dataclass(frozen=True)
class Genotypes:
    """The genotypes of all cells: ``codes`` numbers ``texts``, NONE where there is no GT."""

    codes: Codes
    texts: list[str]

    @classmethod
    def of(cls, table: Table, values: Spans) -> Genotypes:
        """Read the values of GT."""
        raw = _codes(table, values)
        others = np.flatnonzero(raw == _PAIRS + _KINDS)
        texts = _usual_texts()
        if len(others):
            distinct, which = _numbered(table, values[others])
            raw[others] = len(texts) + which
            texts += distinct
        times = np.bincount(raw[raw >= 0], minlength=len(texts))
        used = np.flatnonzero(times)
        number = np.full(len(texts) + 1, NONE, dtype=np.int64)  # the last is for NONE
        number[used] = np.arange(len(used))
        return cls(number[raw], [texts[n] for n in used.tolist()])

    @cached_property
    def _named(self) -> list[Counter[int]]:
        """Of each text, how often it names each allele; -1 stands for a dot."""
        return [
            Counter(NONE if a == "." else int(a[:_MOST_DIGITS]) for a in _ALLELE.findall(text))
            for text in self.texts
        ]

    @cached_property
    def called(self) -> Codes:
        """Of each text, how many alleles are called; 0 at the end, for NONE."""
        return np.array([sum(n.values()) - n[NONE] for n in self._named] + [0], dtype=np.int64)

    @cached_property
    def ploidy(self) -> Codes:
        """Of each text, how many alleles it has, called or not."""
        return np.array([sum(n.values()) for n in self._named] + [0], dtype=np.int64)

    @cached_property
    def _references(self) -> Codes:
        return np.array([n[0] for n in self._named] + [0], dtype=np.int64)

    @cached_property
    def _few(self) -> Codes:
        """Copies of the alleles below ``_FEW`` in each text."""
        rows = [[n[allele] for allele in range(_FEW)] for n in self._named]
        return np.array([*rows, [0] * _FEW], dtype=np.int64)

    @cached_property
    def _many(self) -> tuple[Codes, Codes]:
        """Keys of text and allele from ``_FEW`` on, ascending, and the copies."""
        pairs = sorted(
            (code << 32 | allele, times)
            for code, named in enumerate(self._named)
            for allele, times in named.items()
            if allele >= _FEW
        )
        pairs.append((1 << 62, 0))
        keys, times = np.array(pairs, dtype=np.int64).T
        return keys, times

    def copies(self, codes: Codes, allele: Codes) -> Codes:
        """How many copies of those alleles the genotypes of those numbers have."""
        if (allele < _FEW).all():
            return self._few[codes, allele]
        keys, times = self._many
        wanted = codes << 32 | allele
        at = np.searchsorted(keys, wanted)
        many = np.where(keys[at] == wanted, times[at], 0)
        return np.where(allele < _FEW, self._few[codes, np.minimum(allele, _FEW - 1)], many)

    def zygosity(self, codes: Codes, copies: Codes) -> Codes:
        """The number of the word for it; NONE where no allele is called."""
        called, ploidy = self.called[codes], self.ploidy[codes]
        word = np.where(copies == 0, _OTHER, _HET)
        word[(copies == 0) & (self._references[codes] == called)] = _HOM_REF
        word[(copies > 0) & (copies == ploidy)] = _HOM
        word[(copies == 1) & (ploidy == 1)] = _HEMI
        word[called < ploidy] = _PARTIAL
        word[called == 0] = NONE
        return word


def _codes(table: Table, values: Spans) -> Codes:
    """Numbers of the usual texts, NONE for an empty value, and the next number for all others."""
    lengths = values.lengths
    first, last = (_DIGIT.take(table.bytes.take(at)) for at in (values.starts, values.starts + 2))
    middle = table.bytes.take(values.starts + 1)
    is_phased = middle == ord("|")
    is_pair = (lengths == 3) & (first != _NEITHER) & (last != _NEITHER)
    is_pair &= is_phased | (middle == ord("/"))
    pair = (first.astype(np.int64) * _KINDS + last) * 2 + is_phased
    single = (lengths == 1) & (first != _NEITHER)
    codes = np.where(is_pair, pair, _PAIRS + _KINDS)
    codes[single] = _PAIRS + first[single]
    codes[lengths == 0] = NONE
    return codes


def _usual_texts() -> list[str]:
    """The texts of the numbers that ``_codes`` gives, in order."""
    kinds = [*map(str, range(10)), "."]
    return [f"{a}{phase}{b}" for a in kinds for b in kinds for phase in "/|"] + kinds


def _numbered(table: Table, values: Spans) -> tuple[list[str], Offsets]:
    """The different texts of those values, and which of them each is."""
    texts = strings(table.bytes, values)
    distinct = texts.unique(maintain_order=True)
    numbers = dict(zip(distinct.to_list(), range(len(distinct)), strict=True))
    which = texts.replace_strict(list(numbers), list(numbers.values())).to_numpy()
    return distinct.to_list(), which
