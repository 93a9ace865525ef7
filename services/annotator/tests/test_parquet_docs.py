"""``docs/variants-parquet.md`` and the code name the same columns, types and meanings."""

from pathlib import Path

import pyarrow as pa

from annotator.output.parquet import schema

PAGE = Path(__file__).parents[3] / "docs" / "variants-parquet.md"


def type_name(type_: pa.DataType) -> str:
    if pa.types.is_dictionary(type_):
        return str(type_.value_type)
    return str(type_)


def rows(title: str, columns: tuple[schema.Column, ...], prefix: str = "") -> list[str]:
    lines = ["", f"**{title}**", "", "| column | type | |", "|---|---|---|"]
    lines += [f"| `{prefix}{c.name}` | {type_name(c.type)} | {c.about} |" for c in columns]
    return lines


def columns_as_text() -> str:
    known = schema.Column("known_FIELD", pa.string(), "FIELD of a source, with the source's type")
    lines = [
        *rows("The record and its allele", schema.RECORD),
        *rows("The picked transcript", schema.TRANSCRIPT),
        *rows("All transcripts together", schema.ALLELE),
        *rows("Known variants", (*schema.KNOWN, known)),
        *rows("Several samples together", (*schema.TOGETHER, schema.ZYGOSITIES)),
        *rows("Each sample", schema.SAMPLE, "sN_"),
    ]
    return "\n".join(lines).strip()


def test_the_page_has_every_column() -> None:
    assert columns_as_text() in PAGE.read_text("utf-8")


def test_the_page_names_the_version() -> None:
    assert f"`gas.variants.version`: now **{schema.VERSION}**" in PAGE.read_text("utf-8")


def test_no_column_is_there_twice() -> None:
    names = [column.name for column in schema.columns(2, [])]
    assert len(names) == len(set(names))
