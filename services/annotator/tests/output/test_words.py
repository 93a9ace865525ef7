"""Texts of the Parquet file that are given to its writer by their numbers."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from annotator.consequences.entries import NONE
from annotator.output.parquet.entries import words


def dictionary_bytes(column: pa.Array) -> int:
    """How many bytes the dictionary of a file with that column has."""
    file = io.BytesIO()
    pq.write_table(pa.table({"column": column}), file, compression="none", store_schema=False)
    found = pq.ParquetFile(file).metadata.row_group(0).column(0)
    return int(found.data_page_offset - found.dictionary_page_offset)


def test_a_text_that_comes_twice_is_one_word() -> None:
    """Its second place in the file would have what happened to be in memory."""
    column = words(np.array([0, 1, 2, NONE, 3]), ["intron", "missense", "intron", "stop"])
    assert column.to_pylist() == ["intron", "missense", "intron", None, "stop"]
    assert column.dictionary.to_pylist() == ["intron", "missense", "stop"]
    once = words(np.array([0, 1, 0, NONE, 2]), ["intron", "missense", "stop"])
    assert dictionary_bytes(column) == dictionary_bytes(once)
