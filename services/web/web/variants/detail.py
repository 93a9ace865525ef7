"""Everything about one variant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from web.variants.engine import Session
from web.variants.keys import FILE, Key
from web.variants.schema import Schema
from web.variants.warnings import warnings

_LISTS = "transcripts_"
_KNOWN = "known_"


def detail(session: Session, path: Path, schema: Schema, key: Key) -> dict[str, Any] | None:
    """The row with its transcripts, genotypes and known variants as objects; None without it."""
    columns = list(schema.columns.values())
    cells = [schema.of_sample(n, name) for n in range(1, len(schema.samples) + 1)
             for name in schema.sample_kinds]  # fmt: skip
    names = ", ".join(column.sql for column in (*columns, *cells))
    sql = f"SELECT {names} FROM {FILE} WHERE record = ? AND allele = ?"
    found = session.rows(sql, [str(path), key.record, key.allele])
    if not found:
        return None
    row = found[0]
    values = {c.name: v for c, v in zip(columns, row, strict=False)}
    genotypes = row[len(columns) :]
    cells_of = _genotypes(schema, genotypes)
    flat = {name: value for name, value in values.items() if not name.startswith((_LISTS, _KNOWN))}
    return {
        "key": str(key),
        "assembly": schema.assembly,
        "columns": flat,
        "transcripts": _transcripts(values),
        "genotypes": cells_of,
        "warnings": warnings(schema, flat, cells_of),
        "known": [
            {"field": name.removeprefix(_KNOWN), "about": schema.column(name).about, "value": value}
            for name, value in values.items()
            if name.startswith(_KNOWN)
        ],
    }


def _transcripts(values: dict[str, Any]) -> list[dict[str, Any]]:
    lists = {
        name.removeprefix(_LISTS): value
        for name, value in values.items()
        if name.startswith(_LISTS) and value is not None
    }
    rows = zip(*lists.values(), strict=True)
    return [dict(zip(lists, row, strict=True)) for row in rows]


def _genotypes(schema: Schema, cells: tuple[Any, ...]) -> list[dict[str, Any]]:
    width = len(schema.sample_kinds)
    return [
        {
            "sample": name,
            "number": number + 1,
            **dict(
                zip(schema.sample_kinds, cells[number * width : (number + 1) * width], strict=True)
            ),
        }
        for number, name in enumerate(schema.samples)
    ]
