"""A block of records as a table with the columns of ``schema``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from annotator.bundle import Bundle
from annotator.consequences.entries import Entries
from annotator.known.csq_columns import csq_columns
from annotator.known.pathogenicity import Pathogenicity
from annotator.output.parquet import entries as csq
from annotator.output.parquet import schema
from annotator.output.parquet.alleles import AlleleRows
from annotator.output.parquet.numbers import (
    DIGITS_32_BITS,
    Floats,
    arrow,
    decimals,
    info_numbers,
)
from annotator.output.parquet.samples import BlockSamples, SampleColumns
from annotator.output.tags import known_fields
from annotator.validate.rows import Rows
from annotator.validate.status import Status
from annotator.vcf.columns import CHROM, FILTER, ID, INFO, QUAL, REF, Flags, Offsets, Spans, Table
from annotator.vcf.strings import arrow_strings

_DIGITS_END = 10
_TOGETHER = 1 << 20
"""Cells of samples that are looked at at once."""
NOT_A_SEQUENCE = "not_a_sequence"
NO_ALLELE = "no_alternate_allele"


@dataclass(frozen=True)
class BlockFacts:
    """What is known of a block.

    ``entries`` are those of CSQ, ``known`` what ``KnownVariants.find`` returned, ``unanswered`` has
    ``row``, ``allele`` and the engine's ``reason``. ``first_record`` is the number of the block's
    first record in the file, from 1.
    """

    rows: Rows
    entries: Entries
    known: pl.DataFrame
    unanswered: pl.DataFrame
    first_record: int


class BlockTables:
    """Makes tables of the blocks of a file that has so many samples."""

    def __init__(self, bundle: Bundle, samples: int) -> None:
        self._bundle, self._samples = bundle, samples
        self._pathogenicity = Pathogenicity(bundle)
        self._known_fields = known_fields(bundle)
        self.schema = schema.arrow_schema(samples, self._known_fields)

    def tables(self, facts: BlockFacts) -> Iterator[pa.Table]:
        """The rows of a block, in tables of bounded size."""
        rows = AlleleRows.of(facts.rows)
        if not len(rows):
            return
        columns = self._flat(rows, facts)
        if not self._samples:
            yield self._table(columns)
            return
        block = BlockSamples(facts.rows.table, facts.rows.alternates)
        step = max(1, _TOGETHER // self._samples)
        for start in range(0, len(rows), step):
            here = slice(start, start + step)
            flat = {name: values[here] for name, values in columns.items()}
            yield self._table(flat | _of_samples(block, rows.record[here], rows.allele[here]))

    def _table(self, columns: dict[str, pa.Array]) -> pa.Table:
        """The columns in order; those that nothing fills are null."""
        size = len(columns["pos"])
        arrays = [
            columns[field.name] if field.name in columns else pa.nulls(size, field.type)
            for field in self.schema
        ]
        return pa.Table.from_arrays(arrays, [field.name for field in self.schema])

    def _flat(self, rows: AlleleRows, facts: BlockFacts) -> dict[str, pa.Array]:
        """All columns but those of samples."""
        columns = _of_records(rows, facts)
        places = rows.places(facts.entries.frame)
        columns |= csq.EntryColumns(facts.entries, places, len(rows)).columns()
        for name, series in self._of_known(rows, facts.known).items():
            columns[name] = csq.arrow_of(series, self.schema.field(name).type)
        reasons = _reasons(rows, facts)
        answered = pl.Series(columns["term"].is_valid().to_numpy(zero_copy_only=False))
        why = pl.select(pl.when(~answered).then(reasons)).to_series()
        columns["not_annotated"] = csq.arrow_of(why, pa.string())
        return columns

    def _of_known(self, rows: AlleleRows, known: pl.DataFrame) -> dict[str, pl.Series]:
        """The columns of ``schema.KNOWN``, and one for each field of the sources."""
        names = [column.name for column in schema.KNOWN if column.type != pa.bool_()]
        columns = csq_columns(known, self._bundle)
        frame = columns.rename({name: name.lower() for name in columns.columns[2:]})
        wanted = [_typed(frame, name, self.schema) for name in names]
        own = [
            pl.col(field.id)
            .cast(_POLARS[field.type], strict=False)
            .alias(schema.KNOWN_PREFIX + field.id)
            for field in self._known_fields
        ]
        # Not `select` alone: it gives one row where all that is wanted are literals.
        found = frame.with_columns(wanted).select(names).hstack(known.select(own))
        at = np.full(len(rows), -1, dtype=np.int64)
        at[rows.places(known)] = np.arange(known.height)
        spread = found.select(pl.all().gather(_or_null(at)))
        bad = np.zeros(len(rows), dtype=np.bool_)
        bad[rows.places(self._pathogenicity.alleles(known))] = True
        return {name: spread[name] for name in spread.columns} | {"is_pathogenic": pl.Series(bad)}


_POLARS = {"Integer": pl.Int64, "Float": pl.Float64, "Flag": pl.String, "String": pl.String}


def _or_null(at: Offsets) -> pl.Series:
    """Places to gather from; null where they are below 0."""
    index = pl.Series(at)
    return index.set(index < 0, None)


def _typed(frame: pl.DataFrame, name: str, types: pa.Schema) -> pl.Expr:
    kind = pl.Float64 if types.field(name).type == pa.float64() else pl.String
    if name not in frame.columns:
        return pl.lit(None, dtype=kind).alias(name)
    return pl.col(name).cast(kind, strict=False)


def _of_records(rows: AlleleRows, facts: BlockFacts) -> dict[str, pa.Array]:
    """The columns of ``schema.RECORD`` that the record itself says."""
    table, record = rows.rows.table, rows.record
    return {
        "record": pa.array(facts.first_record + record, pa.int64()),
        "allele": pa.array(rows.allele, pa.int32()),
        "contig_number": pa.array(rows.rows.contigs[record], pa.int32()),
        "contig": rows.of_records(_words(table, table.column(CHROM))),
        "pos": pa.array(rows.rows.positions[record], pa.int64()),
        "end_pos": pa.array(_ends(rows.rows)[record], pa.int64()),
        "id": rows.of_records(_texts(table, table.column(ID))),
        "ref": rows.ref,
        "alt": rows.alt,
        "type": csq.words(*rows.types()),
        "qual": arrow(decimals(table, table.column(QUAL))[record], pa.float64()),
        "filter": rows.of_records(_words(table, table.column(FILTER))),
        "dp": arrow(_depth(rows.rows)[record], pa.int32()),
    }


def _texts(table: Table, spans: Spans) -> pa.Array:
    """The texts there, null for a dot."""
    is_dot = table.equals(spans, b".")
    if is_dot.all():
        return pa.nulls(len(spans), pa.string())
    texts = arrow_strings(table.bytes, spans)
    return pc.if_else(pa.array(is_dot), None, texts) if is_dot.any() else texts


def _words(table: Table, spans: Spans) -> pa.Array:
    """The same where a few texts repeat: most blocks have one."""
    first = table.text[spans.starts[0] : spans.ends[0]]
    if first != b"." and table.equals(spans, first).all():
        return csq.words(np.zeros(len(spans), dtype=np.int64), [first.decode("utf-8", "replace")])
    return _texts(table, spans).dictionary_encode()


def _info(rows: Rows) -> Spans:
    return rows.table.column(INFO)


def _ends(rows: Rows) -> Offsets:
    ends = rows.positions + rows.table.column(REF).lengths - 1
    at, values = info_numbers(rows.table, _info(rows), b"END", _DIGITS_END)
    ends[at] = np.maximum(values, rows.positions[at])  # an END before POS is a fault of the file
    return ends


def _depth(rows: Rows) -> Floats:
    depth = np.full(rows.table.rows, np.nan)
    at, values = info_numbers(rows.table, _info(rows), b"DP", DIGITS_32_BITS)
    depth[at] = values
    return depth


def _reasons(rows: AlleleRows, facts: BlockFacts) -> pl.Series:
    """Why each row would have no consequence, if it has none."""
    names = {status.value: status.name.lower() for status in Status}
    names |= {Status.JUDGED.value: NOT_A_SEQUENCE, Status.NO_ALTERNATE.value: NO_ALLELE}
    words = pl.Series([names[number] for number in range(len(names))])
    reasons = words.gather(rows.rows.status[rows.record].astype(np.int64))
    unanswered = facts.unanswered
    if unanswered.is_empty():
        return reasons
    return reasons.scatter(rows.places(unanswered), unanswered["reason"])


def _of_samples(block: BlockSamples, record: Offsets, allele: Offsets) -> dict[str, pa.Array]:
    left_out: Flags = block.too_many()[record]
    if left_out.all():
        return {}
    kept = ~left_out
    columns = SampleColumns(block, record[kept], allele[kept])
    counts = columns.counts()
    arrays = dict(columns.columns()) | {
        "samples_carrying": pa.array(counts.carrying, pa.int32()),
        "allele_count": pa.array(counts.allele_count, pa.int32()),
        "allele_number": pa.array(counts.allele_number, pa.int32()),
    }
    if kept.all():
        return arrays
    at = pa.array(np.cumsum(kept) - 1, mask=left_out)
    return {name: values.take(at) for name, values in arrays.items()}
