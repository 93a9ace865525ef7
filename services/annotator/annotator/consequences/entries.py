"""Entries of CSQ with the texts that repeat as numbers of words, so that each is read once."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl

from annotator.consequences.descriptions import FIELDS
from annotator.consequences.engine import TRANSCRIPT
from annotator.consequences.genetic_code import Columns
from annotator.consequences.vocabulary import bits_of

NONE = -1


class Words(NamedTuple):
    """A column of texts: of each row the number of its text in ``texts``, ``NONE`` for null."""

    codes: Columns
    texts: list[str]


class Groups(NamedTuple):
    """Rows of a few kinds: of each kind the first row, of each row its kind."""

    first: Columns
    of: Columns


class Entries:
    """The entries of a block: ``frame`` has the columns of ``engine.Answer.rows``."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self._words: dict[str, Words] = {}

    @cached_property
    def transcripts(self) -> Groups | None:
        """Rows by transcript; None where the engine did not number them."""
        if TRANSCRIPT not in self.frame.columns or self.frame[TRANSCRIPT].null_count():
            return None
        _, first, of = np.unique(
            self.frame[TRANSCRIPT].to_numpy(), return_index=True, return_inverse=True
        )
        return Groups(first, of)

    def words(self, field: str) -> Words:
        """The column of that field of CSQ; nulls if the engine does not tell it."""
        if field not in self._words:
            self._words[field] = self._read(field)
        return self._words[field]

    def _read(self, field: str) -> Words:
        if field not in self.frame.columns:
            return Words(np.full(self.frame.height, NONE), [])
        groups = self.transcripts if field in FIELDS else None
        if groups is None:
            return _words(self.frame[field])
        few = _words(self.frame[field].gather(groups.first))
        return Words(few.codes[groups.of], few.texts)

    @cached_property
    def bits(self) -> Columns:
        """The terms of each entry, as ``vocabulary`` numbers them."""
        codes, texts = self.words("Consequence")
        bits = np.array([bits_of(text.split("&")) for text in texts] + [0], dtype=np.int64)
        found: Columns = bits[codes]
        return found


def _words(column: pl.Series) -> Words:
    texts = column.drop_nulls().unique(maintain_order=True)
    if texts.is_empty():
        return Words(np.full(len(column), NONE), [])
    codes = column.cast(pl.Enum(texts)).to_physical().cast(pl.Int64).fill_null(NONE)
    return Words(codes.to_numpy(), texts.to_list())
