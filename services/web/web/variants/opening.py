"""Reads the schema of a file, and refuses what is no ``variants.parquet`` of a known version."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from web.variants.schema import JOINED_BY, Schema, described
from web.variants.sql import Value

VERSION = "1"
_PREFIX = "gas."
_JSON = ("samples", "contigs", "known")
_OVERALL = ("af", "gnomade_af", "gnomadg_af")
_NEEDED = ("variants.version", "tool", "bundle", "assembly", *_JSON)

_MISSING = """
SELECT path_in_schema, sum(stats_null_count)::BIGINT FROM parquet_metadata(?)
GROUP BY path_in_schema HAVING count(stats_null_count) = count(*)
"""
"""How many rows lack a value, by the statistics of each column. Lists have none."""

Rows = Callable[[str, list[Value]], list[tuple[Any, ...]]]
"""Runs SQL with its values."""
Describe = Callable[[str, list[Value]], dict[str, str]]
"""The columns of a query's answer, each with DuckDB's type."""


class OtherVersion(Exception):
    """The file was written by a version of GAS that the table cannot read."""


class DamagedFile(Exception):
    """The file is no Parquet file, or lacks what each ``variants.parquet`` has."""


def read_schema(path: Path, rows: Rows, describe: Describe) -> Schema:
    """The schema of the file. Raises OtherVersion, DamagedFile."""
    text = str(path)
    found: dict[str, str] = dict(
        rows("SELECT decode(key), decode(value) FROM parquet_kv_metadata(?)", [text])
    )
    metadata: dict[str, object] = {
        key.removeprefix(_PREFIX): value for key, value in found.items() if key.startswith(_PREFIX)
    }
    version = metadata.get("variants.version")
    if version is not None and version != VERSION:
        raise OtherVersion(f"version {version}; this table reads version {VERSION}")
    lacking = [name for name in _NEEDED if name not in metadata]
    if lacking:
        raise DamagedFile(f"the metadata lack {', '.join(_PREFIX + name for name in lacking)}")
    try:
        metadata |= {name: json.loads(str(metadata[name])) for name in _JSON}
    except ValueError as error:
        raise DamagedFile(f"the metadata are not JSON: {error}") from None
    ((count,),) = rows("SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata(?)", [text])
    missing: dict[str, int] = dict(rows(_MISSING, [text]))
    empty = [name for name, without in missing.items() if without == count]
    columns = describe("FROM read_parquet(?) LIMIT 0", [text])
    filled = set(columns) - set(empty)
    others = _other_frequencies(text, rows, filled)
    joined = [name for name in JOINED_BY if name in filled and _is_joined(text, rows, name)]
    return described(
        columns, metadata, int(count or 0), missing, other_frequencies=others, joined=joined
    )


def _is_joined(text: str, rows: Rows, name: str) -> bool:
    """Whether a row has several names there; if none has, a name is found without a scan."""
    found = f"SELECT 1 FROM read_parquet(?) WHERE contains({name}, '{JOINED_BY[name]}')"
    return bool(rows(f"{found} LIMIT 1", [text]))


def _other_frequencies(text: str, rows: Rows, filled: set[str]) -> list[str]:
    """Columns with a frequency where ``max_af`` has none; to read none of them is far quicker."""
    names = [name for name in _OVERALL if name in filled]
    if not names:
        return []
    parts = ", ".join(f"count({name}) > 0" for name in names)
    (found,) = rows(f"SELECT {parts} FROM read_parquet(?) WHERE max_af IS NULL", [text])
    return [name for name, is_there in zip(names, found, strict=True) if is_there]
