"""Writes tables as the row groups of a Parquet file."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from annotator.bundle import Bundle
from annotator.closing import Closing
from annotator.output.parquet import schema
from annotator.output.tags import known_fields

CONTIGS = "gas.contigs"
"""The key of the names of contigs in the file's metadata, in the order of ``contig_number``."""
ROWS = 100_000
"""Of a row group, but the last one of each part."""
CELLS = 2 << 20
"""Samples times rows of a row group: of many samples fewer rows, so that memory stays bounded."""
_LEVEL = 1
"""Of zstd: more is slower than all else, and saves a few per cent."""
_VARIED = frozenset(
    (
        *("pos", "end_pos", "id", "ref", "alt", "qual", "dp", "distance"),
        *("hgvsc", "hgvsp", "hgvsg", "existing_variation", "clin_sig"),
        *(schema.TRANSCRIPTS_PREFIX + name for name in ("hgvsc", "hgvsp", "distance")),
    )
)
_VARIED_OTHERS = re.compile(rf"{schema.KNOWN_PREFIX}|s\d+_|samples_")
"""Columns that zstd makes smaller. Pages of the others hold numbers of a few words: Snappy leaves
them as small, and takes a fifth less of the time to write the file, as it needs no set-up for each
page."""
PAGE_ROWS = 4_096
"""A reader that wants single rows unpacks their pages alone; smaller ones make the file larger."""
_SORTED = ("contig_number", "pos")
_ASCENDING = ("record", "pos", "end_pos")
_UNIQUE = ("hgvsc", "hgvsp", "hgvsg")
_ASKED_FOR = ("symbol", "gene", "feature", "id", "existing_variation", "hgvsc", "hgvsp")
"""Columns that are asked for one value. Their least and greatest say little, as rows are in order
of position; a Bloom filter tells a reader which row groups cannot have it."""
_DISTINCT = {"symbol": 4_000, "gene": 4_000, "feature": 8_000}
_FALSE_POSITIVES = 0.01


def contig_names(contigs: Sequence[bytes]) -> str:
    """The value of ``CONTIGS``."""
    return json.dumps([name.decode("utf-8", "replace") for name in contigs])


def row_group_rows(samples: int) -> int:
    """So many rows are in a row group of a file with so many samples."""
    return max(1, min(ROWS, CELLS // max(samples, 1)))


@dataclass(frozen=True)
class About:
    """What the file's metadata say. ``contigs`` in the order of ``contig_number``."""

    bundle: Bundle
    tool: str
    samples: Sequence[str]
    contigs: Sequence[bytes]

    def metadata(self) -> dict[str, str]:
        """Key-value metadata of the file."""
        known = known_fields(self.bundle)
        return {
            "gas.variants.version": schema.VERSION,
            "gas.tool": self.tool,
            "gas.bundle": self.bundle.version,
            "gas.assembly": self.bundle.manifest.assembly,
            "gas.samples": json.dumps(list(self.samples)),
            CONTIGS: contig_names(self.contigs),
            "gas.known": json.dumps({field.id: field.description for field in known}),
        }


class RowGroups(Closing):
    """Collects tables and writes them as row groups of one size."""

    def __init__(self, path: Path, arrow_schema: pa.Schema, about: About) -> None:
        self._rows = row_group_rows(len(about.samples))
        self._waiting: list[pa.Table] = []
        self._height = 0
        self._writer = pq.ParquetWriter(path, arrow_schema, **_options(arrow_schema, self._rows))
        self._writer.add_key_value_metadata(about.metadata())

    def finish(self) -> None:
        """Write the last row group."""
        self._flush(1)

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()

    def add(self, table: pa.Table) -> None:
        """Add rows; what does not fill a row group waits for more."""
        self._waiting.append(table)
        self._height += table.num_rows
        self._flush(self._rows)

    def _flush(self, least: int) -> None:
        if self._height < least:
            return
        table = pa.concat_tables(self._waiting).unify_dictionaries()
        while table.num_rows >= least:
            self._writer.write_table(table.slice(0, self._rows), self._rows)
            table = table.slice(self._rows)
        self._waiting, self._height = [table], table.num_rows


def _options(arrow_schema: pa.Schema, rows: int) -> dict[str, Any]:
    """How pyarrow is to write; columns are named by their paths."""
    flat = [f.name for f in arrow_schema if not pa.types.is_nested(f.type)]
    unique = {*_UNIQUE, *(schema.TRANSCRIPTS_PREFIX + name for name in _UNIQUE)}
    words = [_path(f) for f in arrow_schema if f.name not in {*_ASCENDING, *unique}]
    names = [_path(f) for f in arrow_schema if f.name in unique]
    encodings = dict.fromkeys(_ASCENDING, "DELTA_BINARY_PACKED")
    encodings |= dict.fromkeys(names, "DELTA_BYTE_ARRAY")  # neighbours begin alike
    codecs = {_path(f): "zstd" if _is_varied(f.name) else "snappy" for f in arrow_schema}
    order = [pq.SortingColumn(arrow_schema.get_field_index(name)) for name in _SORTED]
    return {
        "compression": codecs,
        "compression_level": {path: _LEVEL for path, codec in codecs.items() if codec == "zstd"},
        "store_schema": False,
        "write_statistics": flat,
        "use_dictionary": words,
        "column_encoding": encodings,
        "sorting_columns": order,
        "max_rows_per_page": PAGE_ROWS,
        "write_batch_size": 2 * PAGE_ROWS,
        "bloom_filter_options": {
            name: {"ndv": min(_DISTINCT.get(name, rows), rows), "fpp": _FALSE_POSITIVES}
            for name in _ASKED_FOR
        },
    }


def _is_varied(name: str) -> bool:
    return name in _VARIED or bool(_VARIED_OTHERS.match(name))


def _path(field: pa.Field) -> str:
    """The path of a field's only leaf, as Parquet names it."""
    return f"{field.name}.list.element" if pa.types.is_list(field.type) else str(field.name)
