"""``make bench-scatter``: a file in parts beside the whole, the speed of a split, a large join.

CPU seconds, not those of a clock: machines are shared. The bucket is in memory, so what S3 takes is
not in the figures; its requests are counted.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from annotator.bundle import Bundle
from annotator.runner.protocol import Task
from annotator.scatter.joining import join
from annotator.scatter.part_work import annotate_part
from annotator.scatter.splitting import split
from bench.annotate.__main__ import make
from bench.scatter.measuring import MOST_BYTES, CountingFiles, Ran, asked_of, workplace
from bench.scatter.prediction import Measured, print_prediction
from bench.scatter.split import print_split

MEGABASES = 50


def whole(bundle: Bundle, vcf: Path, folder: Path) -> Ran:
    """The file by one task with one worker."""
    ran = Ran()
    (folder / "whole").mkdir()
    task = Task(
        input=str(vcf),
        filename=vcf.name,
        bundle=bundle.folder.name,
        bundles=str(bundle.folder.parent),
        folder=str(folder / "whole"),
        max_inflated_bytes=MOST_BYTES,
        max_seconds=24 * 3600,
    )
    ran.run(task, lambda *_: None, lambda: False)
    return ran


@dataclass(frozen=True, slots=True)
class InParts:
    """A file in so many parts: CPU seconds of all parts, and of the join."""

    parts: int
    annotate: float
    join: float


def in_parts(bundle: Bundle, vcf: Path, folder: Path, records: int, at_once: int) -> InParts:
    """The file in parts of so many records, so many at once; prints what each step took."""
    splits, parts, joins, files = Ran(), Ran(), Ran(), CountingFiles()
    place = workplace(bundle, folder, splits, files)
    plan = split(replace(asked_of(vcf, files), part_records=records), "root", place)
    began = time.monotonic()
    place = replace(place, run=parts.run)
    with ThreadPoolExecutor(at_once) as threads:
        list(threads.map(partial(annotate_part, "root", place=place), range(plan.parts)))
    seconds = time.monotonic() - began
    files.requests.clear()
    joining = time.monotonic()
    join("root", replace(place, run=joins.run), lambda name: f"result/{name}", {})
    joined = time.monotonic() - joining
    print(
        f"| {plan.parts} parts of {records:,} records, {at_once} at once | {splits.cpu[0]:.1f}"
        f" | {sum(parts.cpu):.1f} | {joins.cpu[0]:.1f} | {seconds:.0f} | {joined:.1f}"
        f" | {splits.megabytes:.0f} | {parts.megabytes:.0f} | {joins.megabytes:.0f}"
        f" | {sum(files.requests.values()):,} |",
        flush=True,
    )
    return InParts(plan.parts, sum(parts.cpu), joins.cpu[0])


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--variants", type=int, default=200_000)
    parser.add_argument("--parts", type=int, nargs="+", default=[4, 16])
    parser.add_argument("--megabytes", type=int, default=600, help="of the file that is only cut")
    parser.add_argument("--folder", type=Path, help="where the made-up genome is kept")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle, vcf = make(given.folder or folder, given.variants, MEGABASES, all_known=False)
        alone = whole(bundle, vcf, folder)
        print(f"\n{given.variants:,} variants, {vcf.stat().st_size / 1e6:.1f} MB")
        print(f"whole, one worker: {alone.cpu[0]:.1f} CPU s, {alone.megabytes:.0f} MB\n")
        print("| | split, CPU s | parts, CPU s | join, CPU s | parts, s | join, s"
              " | MB, split | part | join | requests of the join |")  # fmt: skip
        print("|---|" + "---:|" * 9)
        found = [
            in_parts(bundle, vcf, folder, given.variants // count, at_once)
            for number, count in enumerate(given.parts)
            for at_once in ((2,) if number else (1, 2))
        ]
        few, many = found[0], found[-1]
        more = max(many.parts - few.parts, 1)
        start = max(many.annotate - few.annotate, 0.0) / more
        split_rate = print_split(bundle, folder, given.megabytes)
        print_prediction(
            Measured(
                size_bytes=vcf.stat().st_size,
                split_rate=split_rate,
                annotate=few.annotate - start * few.parts,
                start=start,
                join=max(many.join - few.join, 0.0) / more,
            )
        )


if __name__ == "__main__":
    main()
