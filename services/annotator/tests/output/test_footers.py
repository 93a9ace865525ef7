"""Footers of Parquet files that are put together, as pyarrow and DuckDB read them."""

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotator.output.parquet import joining
from annotator.output.parquet.footers import Footers, NotParquet


def row_groups(path: Path) -> list[int]:
    metadata = pq.read_metadata(path)
    return [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]


def test_many_files_with_any_number_of_row_groups_are_one_table(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    names = pa.schema({"n": pa.int64(), "s": pa.string()})
    tables = [
        pa.table([rng.integers(-9, 1 << 40, rows), ["x" * (rows % 300)] * rows], schema=names)
        for rows in (0, 1, 70_000, *range(2, 20))
    ]
    paths = [tmp_path / f"{number}.parquet" for number in range(len(tables))]
    for path, table in zip(paths, tables, strict=True):
        pq.write_table(table, path, row_group_size=30_000, write_page_index=True)
    to = tmp_path / "joined.parquet"
    joining.join(paths, to)
    joined = pq.ParquetFile(to)
    assert joined.metadata.num_rows == sum(table.num_rows for table in tables)
    assert joined.read().equals(pa.concat_tables(tables))
    assert row_groups(to) == [size for path in paths for size in row_groups(path)]
    found = duckdb.execute(f"SELECT sum(n) FROM '{to}' WHERE s = 'x'").fetchall()
    assert found == [(tables[1]["n"].to_pylist()[0],)]


def test_pages_and_footer_written_apart_make_the_same_file(tmp_path: Path) -> None:
    paths = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    for path in paths:
        pq.write_table(pa.table({"n": [1, 2]}), path)
    joining.join(paths, tmp_path / "joined")
    joining.join_pages(paths, tmp_path / "pages", tmp_path / "footer")
    footer = (tmp_path / "footer").read_bytes()
    assert joining.footer_of(tmp_path / "joined") == footer
    assert (
        (tmp_path / "joined")
        .read_bytes()[4:]
        .startswith((tmp_path / "pages").read_bytes() + footer)
    )


def test_a_footer_that_ends_early_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": [1, 2], "s": ["a", "b"]}), tmp_path / "one.parquet")
    footer = joining.footer_of(tmp_path / "one.parquet")
    behind_groups = footer.index(b"ARROW:schema") - 4
    Footers().add(footer[:behind_groups], 0)
    for length in range(behind_groups):
        with pytest.raises(NotParquet):
            Footers().add(footer[:length], 0)
