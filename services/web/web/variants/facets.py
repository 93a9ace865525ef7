"""What the filters offer: values with their counts, least and greatest numbers, the samples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from web.variants.engine import Session
from web.variants.keys import FILE
from web.variants.schema import Column, Kind, Schema
from web.variants.sql import TRUE, Condition, Value

_COUNTED = (
    *("contig", "type", "filter", "impact", "worst_impact", "term", "biotype", "mane"),
    *("not_annotated", "max_af_pops", "variant_class"),
)
_SPLIT = {"clin_sig": "[|/&,]"}
_RANGED = ("pos", "qual", "dp", "max_af", "af", "gnomade_af", "gnomadg_af")
_MOST_VALUES = 200
_MOST_SAMPLES = 8


def whole_file(session: Session, path: Path, schema: Schema) -> dict[str, Any]:
    """Values and ranges of all rows, the samples, and all columns with their meaning."""
    return {
        "values": values(session, path, schema, TRUE),
        "ranges": _ranges(session, path, schema),
        **about(schema),
    }


def about(schema: Schema) -> dict[str, Any]:
    """What is known of the file without reading its rows: columns, samples, how many rows.

    ``empty`` are the columns without a single value.
    """
    return {
        "samples": [{"number": n, "name": s} for n, s in enumerate(schema.samples, start=1)],
        "columns": [column_json(column) for column in all_columns(schema)],
        "empty": sorted(schema.empty),
        "rows": schema.rows,
        "assembly": schema.assembly,
        "bundle": schema.bundle,
        "tool": schema.tool,
    }


def values(
    session: Session, path: Path, schema: Schema, condition: Condition
) -> dict[str, list[dict[str, Any]]]:
    """The values of the rows for which ``condition`` is true, with their counts."""
    return {
        column.name: _values(session, path, column, condition)
        for column in _named(schema, (*_COUNTED, *_SPLIT))
    }


def all_columns(schema: Schema) -> Iterator[Column]:
    """All columns that can be asked for; of many samples those of the first few."""
    yield from schema.columns.values()
    yield from schema.of_samples(_MOST_SAMPLES)


def column_json(column: Column) -> dict[str, Any]:
    """A column for tooltips and for the choice of columns."""
    return {
        "name": column.name,
        "type": column.kind,
        "is_list": column.is_list,
        "is_sortable": column.is_sortable,
        "about": column.about,
        "source": column.source,
        "sample": column.sample or None,
    }


def _named(schema: Schema, names: tuple[str, ...]) -> Iterator[Column]:
    return (schema.columns[name] for name in names if name in schema.columns)


def _values(
    session: Session, path: Path, column: Column, condition: Condition
) -> list[dict[str, Any]]:
    """The most frequent values; a value that is missing is null."""
    value = column.sql
    bound: tuple[Value, ...] = ()
    if column.name in _SPLIT:
        value = f"unnest(coalesce(string_split_regex(lower({value}), ?), [NULL]))"
        bound = (_SPLIT[column.name],)
    sql = (
        f"SELECT {value} AS value, count(*) AS n FROM {FILE} WHERE {condition.sql}"
        f" GROUP BY value ORDER BY n DESC, value LIMIT {_MOST_VALUES}"
    )
    found = session.rows(sql, [*bound, str(path), *condition.values])
    return [{"value": value, "count": count} for value, count in found]


def _ranges(session: Session, path: Path, schema: Schema) -> dict[str, dict[str, Any]]:
    columns = list(_named(schema, _RANGED))
    columns += [c for c in schema.of_samples(_MOST_SAMPLES) if c.kind is not Kind.TEXT]
    parts = ", ".join(f"min({c.sql}), max({c.sql}), count({c.sql})" for c in columns)
    ((*found, total),) = session.rows(f"SELECT {parts}, count(*) FROM {FILE}", [str(path)])
    return {
        column.name: {"min": least, "max": most, "missing": total - known}
        for column, least, most, known in zip(
            columns, found[::3], found[1::3], found[2::3], strict=True
        )
    }
