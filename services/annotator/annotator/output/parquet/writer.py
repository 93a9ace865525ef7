"""Writes tables as the row groups of a Parquet file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from annotator.bundle import Bundle
from annotator.output.parquet import schema
from annotator.output.tags import known_fields

ROWS = 100_000
"""Of a row group, but the last one of each part."""
CELLS = 2 << 20
"""Samples times rows of a row group: of many samples fewer rows, so that memory stays bounded."""
_LEVEL = 1
"""Of zstd: more is slower than all else, and saves a few per cent."""
_SORTED = ("contig_number", "pos")
_ASCENDING = ("record", "pos", "end_pos")
_UNIQUE = ("hgvsc", "hgvsp", "hgvsg")
_ASKED_FOR = ("symbol", "gene", "feature", "id", "existing_variation", "hgvsc", "hgvsp")
"""Columns that are asked for one value. Their least and greatest say little, as rows are in order
of position; a Bloom filter tells a reader which row groups cannot have it."""
_DISTINCT = {"symbol": 4_000, "gene": 4_000, "feature": 8_000}
_FALSE_POSITIVES = 0.01


def row_group_rows(samples: int) -> int:
    """So many rows are in a row group of a file with so many samples."""
    return max(1, min(ROWS, CELLS // max(samples, 1)))


@dataclass(frozen=True)
class About:
    """What the file's metadata say. ``contigs`` in the order of ``contig_number``."""

    bundle: Bundle
    tool: str
    samples: Sequence[str]
    contigs: Sequence[str]

    def metadata(self) -> dict[str, str]:
        """Key-value metadata of the file."""
        known = known_fields(self.bundle)
        return {
            "gas.variants.version": schema.VERSION,
            "gas.tool": self.tool,
            "gas.bundle": self.bundle.version,
            "gas.assembly": self.bundle.manifest.assembly,
            "gas.samples": json.dumps(list(self.samples)),
            "gas.contigs": json.dumps(list(self.contigs)),
            "gas.known": json.dumps({field.id: field.description for field in known}),
        }


class RowGroups:
    """Collects tables and writes them as row groups of one size."""

    def __init__(self, path: Path, arrow_schema: pa.Schema, about: About) -> None:
        self._rows = row_group_rows(len(about.samples))
        self._waiting: list[pa.Table] = []
        self._height = 0
        self._writer = pq.ParquetWriter(path, arrow_schema, **_options(arrow_schema, self._rows))
        self._writer.add_key_value_metadata(about.metadata())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._flush(1)
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
    paths = [path for field in arrow_schema for path in _paths(field)]
    plain = {*_ASCENDING, *_UNIQUE}
    order = [pq.SortingColumn(arrow_schema.get_field_index(name)) for name in _SORTED]
    return {
        "compression": "zstd",
        "compression_level": _LEVEL,
        "store_schema": False,
        "write_statistics": flat,
        "use_dictionary": [p for p in paths if p.rsplit(".", 1)[-1] not in plain],
        "column_encoding": dict.fromkeys(_ASCENDING, "DELTA_BINARY_PACKED"),
        "sorting_columns": order,
        "bloom_filter_options": {
            name: {"ndv": min(_DISTINCT.get(name, rows), rows), "fpp": _FALSE_POSITIVES}
            for name in _ASKED_FOR
        },
    }


def _paths(field: pa.Field, before: str = "") -> list[str]:
    """The paths of a field's leaves, as Parquet names them."""
    path = before + field.name
    if pa.types.is_list(field.type):
        return _paths(field.type.value_field.with_name("element"), f"{path}.list.")
    if pa.types.is_struct(field.type):
        return [leaf for child in field.type for leaf in _paths(child, f"{path}.")]
    return [path]
