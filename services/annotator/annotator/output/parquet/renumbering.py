"""Numbers of records and contigs in a file that was written in parts, each of which began anew.

A part does not know how many records and contigs are before it. So it writes the two columns that
have such numbers a second time, as a small file; who joins the parts writes those with the numbers
of the whole, and has the footer point at them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from annotator.output.parquet import joining
from annotator.output.parquet.writer import PAGE_ROWS
from annotator.vcf.columns import Offsets

RECORD, CONTIG = "record", "contig_number"
_COLUMNS = [RECORD, CONTIG]
_OPTIONS = {
    "compression": "snappy",
    "use_dictionary": [CONTIG],
    "column_encoding": {RECORD: "DELTA_BINARY_PACKED"},
    "store_schema": False,
    "max_rows_per_page": PAGE_ROWS,
}


def take_apart(parts: Sequence[Path], to: Path) -> None:
    """Write the columns of numbers of all parts, in order, in the same row groups."""
    whole = pq.read_schema(parts[0])
    with pq.ParquetWriter(to, pa.schema([whole.field(n) for n in _COLUMNS]), **_OPTIONS) as out:
        for path in parts:
            with pq.ParquetFile(path) as file:
                for number in range(file.num_row_groups):
                    out.write_table(file.read_row_group(number, _COLUMNS))


def renumber(apart: Path, to: Path, records: int, contigs: Offsets) -> bytes:
    """Write the pages of a part's columns with the numbers of the whole; gives their footer.

    So many records are before the part; ``contigs`` has the number in the whole of each of its own.
    """
    made = to.with_suffix(".whole")
    with (
        pq.ParquetFile(apart) as file,
        pq.ParquetWriter(made, file.schema_arrow, **_OPTIONS) as out,
    ):
        for number in range(file.num_row_groups):
            table = file.read_row_group(number)
            columns = {
                RECORD: pc.add(table[RECORD], pa.scalar(records, pa.int64())),
                CONTIG: pa.array(contigs[table[CONTIG].to_numpy()].astype(np.int32)),
            }
            out.write_table(pa.table([columns[n] for n in _COLUMNS], schema=table.schema))
    footer = to.with_suffix(".footer")
    joining.join_pages([made], to, footer)
    return footer.read_bytes()
