"""Bare mehari on a file: ``python -m bench.annotate.bare BUNDLE_FOLDER VCF PROCESSES RECORDS``.

Reads the alleles of each record and asks mehari, in chunks as large as ours; nothing is written.
Each process has its own copy of mehari, as ours have, and takes its share of the file.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

CHUNK_ROWS = 50_000
_COLUMNS = {"chromosome": 0, "position": 1, "reference": 3, "alternative": 4}
"""What mehari calls them, and where they stand in a VCF."""


def ask(bundle: Path, vcf: Path, begin: int, end: int) -> None:
    """Ask about the records from ``begin`` to before ``end``, counted from 0."""
    # Imported in the process that uses them: a forked process has no copy of their threads.
    import polars as pl

    from annotator.consequences.mehari_db import DATABASE, native_annotator

    native = native_annotator(bundle / DATABASE, bundle / "reference.fa")
    table = pl.read_csv(
        vcf,
        separator="\t",
        comment_prefix="#",
        has_header=False,
        columns=list(_COLUMNS.values()),
        infer_schema=False,
    )[begin:end]
    # By place: what polars calls columns without a name differs from one version to the next.
    table.columns = list(_COLUMNS)
    table = table.cast({"position": pl.Int64})
    for at in range(0, table.height, CHUNK_ROWS):
        for batch in table[at : at + CHUNK_ROWS].to_arrow().to_batches():
            native.annotate_batch(batch)


def main() -> int:
    """Ask about all records, in so many processes."""
    bundle, vcf, processes = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    records = int(sys.argv[4])
    edges = [records * n // processes for n in range(processes + 1)]
    context = get_context("fork")
    running = [context.Process(target=ask, args=(bundle, vcf, a, b)) for a, b in pairwise(edges)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    return max(process.exitcode or 0 for process in running)


if __name__ == "__main__":
    raise SystemExit(main())
