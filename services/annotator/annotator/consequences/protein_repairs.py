"""HGVSp that mehari fails to give, or gives against HGVS, worked out from the gene models.

- ``p.?`` for some insertions that repeat the start codon, and ``p.Met1?`` where a change keeps it.
- Of an insertion that brings a stop, the deletion of all that follows
  (``p.Glu88_Phe312delinsAspTer``): HGVS excludes it ("insertion", "deletion-insertion").
- A frameshift that begins with the residue that was there, ``p.TerN=`` where the stop is moved.
- A stop that is brought and not named where polyadenylation completes the last codon, or passed
  over where it comes in front of the stop codon.
- New residues that nobody can know (``insXaa``) where a first codon is not known: no name.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from annotator.consequences.codons import alternative_bases, coding_bases
from annotator.consequences.gene_model_engine import Answers, GeneModels
from annotator.consequences.genetic_code import Columns
from annotator.consequences.genome import text
from annotator.consequences.proteins import protein_name
from annotator.consequences.vocabulary import BIT

_NOTHING = ["p.?", "p.Met1?", "p.(Met1?)"]
_IN_CODING_BASES = r"^c\.\d+(?:_\d+)?(?:[A-Z=]|del|dup|ins|inv)"
_ALL_THAT_FOLLOWS = r"_[A-Z][a-z]{2}\d+delins(?:[A-Z][a-z]{2})+Ter\)?$"
_NOT_KNOWN = r"ins(?:[A-Z][a-z]{2})*Xaa|XaafsTer\d"
_SAME_STOP = r"^p\.\(?Ter\d+="
_FRAMESHIFT = r"^p\.\(?([A-Z][a-z]{2})\d+([A-Z][a-z]{2})fs"
_SAID_OTHERWISE = (
    BIT["start_lost"]
    | BIT["start_retained_variant"]
    | BIT["stop_retained_variant"]
    | BIT["incomplete_terminal_codon_variant"]
)
"""Where these are told there is nothing to work out."""


def repaired(
    models: GeneModels, answers: Answers, coding: pl.Series, names: pl.Series
) -> pl.Series:
    """``names`` of proteins (``p.…``) of all pairs, some of them others; ``coding`` has ``c.…``."""
    places = answers.places
    is_coding = (places.cds_start > 0) & (places.cds_end > 0) & (places.first_intron == 0)
    rows = np.flatnonzero(is_coding & ((answers.inside_bits & _SAID_OTHERWISE) == 0))
    frame = pl.DataFrame(
        {
            "coding": coding.gather(rows),
            "name": names.gather(rows),
            "brings_stop": (answers.inside_bits[rows] & BIT["stop_gained"]) > 0,
        }
    )
    asked = frame.select(_is_doubtful().fill_null(value=False)).to_series()
    rows = rows[asked.to_numpy()]
    return names.scatter(rows, list(_worked_out(models, answers, rows))) if len(rows) else names


def _is_doubtful() -> pl.Expr:
    name = pl.col("name")
    groups = name.str.extract_groups(_FRAMESHIFT)
    is_none = name.is_null() | name.is_in(_NOTHING) | (groups.struct[0] == groups.struct[1])
    # A name that HGVS moves out of the coding bases has no protein.
    lacks_name = is_none & pl.col("coding").str.contains(_IN_CODING_BASES)
    lacks_stop = pl.col("brings_stop") & ~name.is_in(_NOTHING) & ~name.str.contains("Ter")
    passes_stop = pl.col("brings_stop") & name.str.contains("ext")
    wrong = "|".join((_ALL_THAT_FOLLOWS, _NOT_KNOWN, _SAME_STOP))
    return lacks_name | lacks_stop | passes_stop | name.str.contains(wrong)


def _worked_out(models: GeneModels, answers: Answers, rows: Columns) -> Iterator[str | None]:
    table, pairs = models.table, answers.inside.at(rows)
    brought = alternative_bases(table, answers.alleles, pairs)
    for at, row in enumerate(rows.tolist()):
        transcript = int(pairs.transcript[at])
        before = _sequence(models, transcript)
        start, end = int(answers.places.cds_start[row]), int(answers.places.cds_end[row])
        yield protein_name(
            before,
            before[: start - 1] + brought[at] + before[end:],
            int(table.genetic_code[transcript]),
            has_start=bool(table.start_is_known[transcript]),
        )


def _sequence(models: GeneModels, transcript: int) -> str:
    """From the first codon, of which bases may be missing, to the end of the transcript."""
    table = models.table
    shift = int(table.missing[transcript] + 1 - table.coding_first[transcript])
    positions = np.arange(1, int(table.lengths[transcript]) + shift + 1)
    many = np.full(len(positions), transcript)
    return text(coding_bases(table, models.genome, many, positions))
