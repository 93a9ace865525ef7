"""Everything about one variant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from web.variants.engine import Session
from web.variants.keys import FILE, Key
from web.variants.schema import WIDE_SAMPLES, Schema
from web.variants.warnings import warnings

_LISTS = "transcripts_"
_KNOWN = "known_"


def detail(session: Session, path: Path, schema: Schema, key: Key) -> dict[str, Any] | None:
    """The row with its transcripts, genotypes and known variants as objects; None without it."""
    columns = list(schema.columns.values())
    cells = _cells(schema)
    names = ", ".join([*(column.sql for column in columns), *cells])
    sql = f"SELECT {names} FROM {FILE} WHERE record = ? AND allele = ?"
    found = session.rows(sql, [str(path), key.record, key.allele])
    if not found:
        return None
    row = found[0]
    values = {column.name: value for column, value in zip(columns, row, strict=False)}
    cells_of = _genotypes(schema, row[len(columns) :])
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


def _cells(schema: Schema) -> list[str]:
    """SQL of each field of the samples: of many, whole lists rather than thousands of elements."""
    kinds = schema.sample_kinds
    if len(schema.samples) > WIDE_SAMPLES:
        return [f'"samples_{name}"' for name in kinds]
    numbers = range(1, len(schema.samples) + 1)
    return [schema.of_sample(number, name).sql for name in kinds for number in numbers]


def _genotypes(schema: Schema, cells: Sequence[Any]) -> list[dict[str, Any]]:
    count = len(schema.samples)
    if count > WIDE_SAMPLES:
        by_field = [values or [None] * count for values in cells]
    else:
        by_field = [list(cells[at : at + count]) for at in range(0, len(cells), count or 1)]
    return [
        {"sample": name, "number": number, **dict(zip(schema.sample_kinds, fields, strict=True))}
        for number, (name, *fields) in enumerate(
            zip(schema.samples, *by_field, strict=True), start=1
        )
    ]
