"""A DuckDB of one export: so that its memory is its own, and questions stay quick beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb


def open_database(folders: Sequence[Path], spill: Path, memory: str) -> duckdb.DuckDBPyConnection:
    """A database that can touch files of these folders only, and put what it sorts into ``spill``.

    ``memory`` is as DuckDB writes it (``400MB``).
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            # With two, a hundred thousand rows of each are held until they are in order: with all
            # columns that is more than 500 MB. One writes 700,000 rows/s of 20 columns.
            "threads": "1",
            "memory_limit": memory,
            "temp_directory": str(spill),
            "max_temp_directory_size": "8GB",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "true",
        },
    )
    allowed = ", ".join("'" + str(f.resolve()).replace("'", "''") + "/'" for f in folders)
    connection.execute(f"SET allowed_directories = [{allowed}]")
    connection.execute("SET enable_progress_bar = false")  # it would be drawn into the log
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def metadata_of(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """What GAS wrote of the Parquet file: its keys that begin with ``gas.``."""
    query = (
        "SELECT decode(key), decode(value) FROM parquet_kv_metadata(?)"
        " WHERE starts_with(decode(key), 'gas.')"
    )
    return dict(connection.execute(query, [str(path)]).fetchall())
