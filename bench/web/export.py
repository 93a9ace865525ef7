"""``python -m bench.web.export``: rows a second and memory of each export format.

Each format runs in a process of its own, with the columns that the table shows by default and the
first sample's genotype. Excel and VCF have fewer rows: a sheet is bounded, and the VCF has
``--vcf-rows`` records. ``--formats xlsx vcf`` measures some only.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from bench.memory import peak_megabytes
from bench.web.big_file import big_file
from web.export.about import About
from web.export.bgzf import bgzipped
from web.export.exporter import Asked, Exporter, Limits, Order
from web.export.formats import Format
from web.export.selection import Selection
from web.export.spreadsheet import MAX_CELLS

COLUMNS = (
    "contig, pos, ref, alt, type, qual, filter, symbol, consequence, impact, feature, hgvsc, hgvsp,"
    " max_af, clin_sig, existing_variation, s1_gt, s1_dp, s1_gq, s1_ab"
)
_SHEET_ROWS = MAX_CELLS // 20
_CASES = (
    (Format.TSV, "of the file", ""),
    (Format.TSV, "by quality", "ORDER BY qual DESC NULLS LAST, record, allele"),
    (Format.CSV, "of the file", ""),
    (Format.JSON, "of the file", ""),
    (Format.PARQUET, "of the file", ""),
    (Format.XLSX, "of the file", f"LIMIT {_SHEET_ROWS}"),
    (Format.VCF, "of the file", ""),
    (Format.VCF_BGZIP, "of the file", ""),
)
_VCF_RECORD = b"21\t%d\t.\tC\tT\t50\tPASS\tCSQ=" + b"T|missense_variant|MODERATE|APP|" * 12
_VCF_RECORD += b"\tGT:AD:DP:GQ\t0/1:18,15:33:99\n"


def main() -> None:
    """Make the files if they are missing, then measure each format."""
    parser = argparse.ArgumentParser(prog="python -m bench.web.export")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--vcf-rows", type=int, default=1_000_000)
    parser.add_argument("--file", type=Path, help="a variants.parquet to use instead")
    parser.add_argument("--folder", type=Path, default=Path(".gas/bench"))
    parser.add_argument("--formats", nargs="+", type=Format, default=list(Format))
    given = parser.parse_args()
    path = given.file or big_file(given.rows, given.folder)
    vcf = _vcf(given.folder, given.vcf_rows)
    print("| format | order | rows | rows/s | seconds | CPU s | MB | peak memory, MB |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    context = multiprocessing.get_context("spawn")  # apart, so that each has its own peak
    for format_, order, sql in (case for case in _CASES if case[0] in given.formats):
        arguments = (path, vcf, given.vcf_rows, format_, order, sql)
        child = context.Process(target=measure, args=arguments)
        child.start()
        child.join()


def measure(path: Path, vcf: Path, records: int, format_: Format, order: str, sql: str) -> None:
    """Export once and print the row of the table."""
    shown = Selection(f"SELECT {COLUMNS} FROM read_parquet(?) {sql}", (str(path),))
    numbers = Selection("SELECT i AS record FROM range(1, ?) t(i)", (records + 1,))
    about = About("job", "my.vcf", "", "", (), order, {}, "", "", "", datetime.now(UTC))
    asked = Asked(shown, numbers, about)
    wish = Order(path, format_, lambda _: asked, lambda: _chunks(vcf), format_ is Format.CSV)
    with tempfile.TemporaryDirectory() as folder:
        exporter = Exporter(Path(folder), Limits(sheet_seconds=600))
        begun, worked = time.perf_counter(), time.process_time()
        stream = exporter.start(wish, "bench", ExitStack())
        size = sum(len(chunk) for chunk in stream)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    rows = _rows(path, format_, records)
    print(
        f"| {format_} | {order} | {rows:,} | {rows / seconds:,.0f} | {seconds:.1f} | {cpu:.1f}"
        f" | {size / 1e6:,.0f} | {peak_megabytes():.0f} |",
        flush=True,
    )


def _rows(path: Path, format_: Format, records: int) -> int:
    import duckdb

    if format_.is_vcf:
        return records
    query = "SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata(?)"
    (count,) = duckdb.execute(query, [str(path)]).fetchall()[0]
    return min(int(count), _SHEET_ROWS) if format_ is Format.XLSX else int(count)


def _vcf(folder: Path, records: int) -> Path:
    path = folder / f"records-{records}.vcf.gz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as target:
            target.writelines(bgzipped(_lines(records)))
    return path


def _lines(records: int) -> Iterator[bytes]:
    yield b"##fileformat=VCFv4.4\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
    for number in range(1, records + 1):
        yield _VCF_RECORD % number


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        read: Callable[[], bytes] = lambda: file.read(1 << 20)  # noqa: E731
        yield from iter(read, b"")


if __name__ == "__main__":
    main()
