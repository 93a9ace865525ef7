"""What a consequence engine is, whichever it is: a chunk of alleles in, VEP's columns out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import polars as pl

from annotator.consequences.pick import Selection

CHUNK_ROWS = 20_000
"""Alleles that an engine should be given at once: memory grows with the rows of the answer."""

TRANSCRIPT = "transcript"
"""A number of the transcript: rows with the same one have the same ``descriptions.FIELDS``."""


class EngineMissing(Exception):
    """An engine cannot run on this machine; the message says what to do."""


class DatabaseUnusable(Exception):
    """A file of an engine is damaged, or of another version; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine says of a chunk.

    ``rows``: one for each allele and transcript within 5,000 bases (or one that says intergenic),
    in the order of the alleles. ``row`` is the allele's place in the chunk, from 0; the other
    columns bear the names of VEP's CSQ fields, null where VEP leaves them empty. Values are not
    escaped. An engine may add ``TRANSCRIPT``. ``unanswered``: the ``row`` of every other allele,
    and the ``reason``, one of ``alleles.UNANSWERED``.
    """

    rows: pl.DataFrame
    unanswered: pl.DataFrame


class Engine(Protocol):
    """Something that tells consequences."""

    @property
    def version(self) -> str:
        """Name and version, as results record it."""

    def annotate(self, alleles: pl.DataFrame, transcripts: Selection = "all") -> Answer:
        """The consequences of a chunk of alleles, in those transcripts.

        ``alleles`` has the columns ``contig`` (the reference's own name), ``pos`` (1-based),
        ``ref`` and ``alt``, one ALT a row, as in VCF; and, if rows share VCF records, ``record``,
        a number that is the same for the rows of one record.
        """
