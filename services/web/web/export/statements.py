"""The COPY statements of the formats that DuckDB writes itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from web.export.formats import Format
from web.export.selection import Column, Kind, Selection, Values

_OPTIONS = {
    # `header.py` writes the header.
    # Fields with a tab, a quote or a line break are quoted, so that every value comes back whole.
    Format.TSV: "FORMAT csv, HEADER false, DELIMITER '\t'",
    Format.CSV: "FORMAT csv, HEADER false",
    Format.JSON: "FORMAT json, ARRAY true",
    Format.NDJSON: "FORMAT json, ARRAY false",
    Format.PARQUET: "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000",
}

FORMULA = r"^[=@＝＋－＠\t\r]|^[+-]"
"""The beginning of a text that a spreadsheet would compute."""
_ITEM = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|-|-/[A-Za-z*]+"
_HARMLESS = rf"({_ITEM})?(,({_ITEM})?)*"
"""Numbers, dashes, the ``-/X`` of codons and amino acids, and lists: no spreadsheet runs them."""


def statement(
    selection: Selection,
    columns: Sequence[Column],
    format_: Format,
    *,
    metadata: Mapping[str, str],
    quote_formulas: bool,
) -> tuple[str, Values]:
    """The COPY statement, with ``{pipe}`` for the path, and the values to bind.

    ``metadata`` is written by Parquet alone. With ``quote_formulas`` a text that a spreadsheet
    would compute begins with an apostrophe (CSV and TSV).
    """
    fields = ", ".join(_field(column, format_, quote_formulas) for column in columns)
    options, values = _OPTIONS[format_], selection.values
    if format_ is Format.PARQUET:
        placeholder, values = _with_metadata(values, metadata)
        options += f", KV_METADATA {placeholder}"
    # Braces of the query itself must survive the caller's replacement of {pipe} only.
    text = f"COPY (SELECT {fields} FROM ({selection.query})) TO {{pipe}} ({options})"
    return text, values


def _with_metadata(values: Values, metadata: Mapping[str, str]) -> tuple[str, Values]:
    if isinstance(values, Mapping):
        return "$gas_metadata", {**values, "gas_metadata": dict(metadata)}
    return "?", [*values, dict(metadata)]


def _field(column: Column, format_: Format, quote_formulas: bool) -> str:
    name = column.sql
    if format_ in (Format.JSON, Format.NDJSON) and column.kind is Kind.REAL:
        return f"CASE WHEN isfinite({name}) THEN {name} END AS {name}"  # JSON has no NaN
    if format_ not in (Format.TSV, Format.CSV):
        return name
    text = _joined(column) if column.kind in (Kind.TEXTS, Kind.LIST) else name
    if quote_formulas and column.kind in (Kind.TEXT, Kind.TEXTS):
        text = _quoted(text)
    return f"{text} AS {name}"


def _joined(column: Column) -> str:
    """One value for each transcript or sample, with commas between them as in CSQ.

    A null is empty, and a comma in a value is ``%2C`` as in VCF, so that the places are kept.
    """
    value = "coalesce(CAST(x AS VARCHAR), '')"
    if column.kind is Kind.TEXTS:
        value = f"replace({value}, ',', '%2C')"
    return f"array_to_string(list_transform({column.sql}, lambda x: {value}), ',')"


def _quoted(text: str) -> str:
    return (
        f"CASE WHEN regexp_matches({text}, '{FORMULA}')"
        f" AND NOT regexp_full_match({text}, '{_HARMLESS}') THEN '''' || {text} ELSE {text} END"
    )
