"""``make bench-scatter``: a file in parts beside the whole, the speed of a split, a large join.

Tasks are done as the service has them done: by spare processes, with a warm engine. CPU seconds
have the start of each process in them, which the service has done beside other work; seconds of a
clock have not, and tell nothing on a machine that is busy. The bucket is in memory, so what S3
takes is not in the figures; its requests are counted.
"""

from __future__ import annotations

import argparse
import tempfile
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
from bench.scatter.measuring import MOST_BYTES, CountingFiles, asked_of, workplace
from bench.scatter.prediction import Measured, print_prediction
from bench.scatter.reading import print_reading
from bench.scatter.service import Service, Used, measured, start_seconds
from bench.scatter.split import print_split

MEGABASES = 50
_TENTH = 0.1


def whole(bundle: Bundle, vcf: Path, folder: Path, service: Service) -> Used:
    """The file by one task with one worker."""
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
    with measured() as used:
        service.run(task, lambda *_: None, lambda: False)
    return used


@dataclass(frozen=True, slots=True)
class InParts:
    """A file in so many parts: what all parts took, and the join."""

    parts: int
    annotate: Used
    join: Used


def in_parts(
    bundle: Bundle, vcf: Path, folder: Path, records: int, at_once: int, alone: Used
) -> InParts:
    """The file in parts of so many records, so many at once; prints what each step took.

    ``alone`` is what the whole took, for comparison.
    """
    service, files = Service(bundle, at_once), CountingFiles()
    place = workplace(bundle, folder, service.run, files)
    try:
        with measured() as splitting:
            plan = split(replace(asked_of(vcf, files), part_records=records), "root", place)
        with measured() as parts, ThreadPoolExecutor(at_once) as threads:
            done = list(threads.map(partial(annotate_part, "root", place=place), range(plan.parts)))
        files.requests.clear()
        with measured() as joining:
            join("root", place, lambda name: f"result/{name}", {})
    finally:
        service.stop()
    times = sum(part.seconds for part in done if part)
    print(
        f"| {plan.parts} parts of {records:,} records, {at_once} at once | {splitting.cpu:.1f}"
        f" | {parts.cpu:.1f} | {parts.cpu / alone.cpu:.2f} | {times:.0f}"
        f" | {times / alone.seconds:.2f} | {parts.seconds:.0f}"
        f" | {joining.cpu:.1f} | {joining.seconds:.1f} | {splitting.megabytes:.0f}"
        f" | {parts.megabytes:.0f} | {joining.megabytes:.0f} | {sum(files.requests.values()):,} |",
        flush=True,
    )
    return InParts(plan.parts, parts, joining)


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--variants", type=int, default=200_000)
    parser.add_argument("--parts", type=int, nargs="+", default=[4, 16])
    parser.add_argument("--megabytes", type=int, default=1_000, help="of the file that is only cut")
    parser.add_argument("--folder", type=Path, help="where the made-up genome is kept")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle, vcf = make(given.folder or folder, given.variants, MEGABASES, all_known=False)
        service = Service(bundle, 1)
        alone = whole(bundle, vcf, folder, service)
        service.stop()
        start = start_seconds()
        print(f"\n{given.variants:,} variants, {vcf.stat().st_size / 1e6:.1f} MB")
        print(f"whole, one worker: {alone.cpu:.1f} CPU s, {alone.seconds:.0f} s", end=", ")
        print(f"{alone.megabytes:.0f} MB; the start of a process: {start:.2f} CPU s\n")
        print("| | split, CPU s | parts, CPU s | × whole | sum of s | × whole | parts, s"
              " | join, CPU s | join, s | MB, split | part | join | requests, join |")  # fmt: skip
        print("|---|" + "---:|" * 12)
        found = [
            in_parts(bundle, vcf, folder, given.variants // count, at_once, alone)
            for number, count in enumerate(given.parts)
            for at_once in ((2,) if number else (1, 2))
        ]
        few, two, many = found[0], found[1], found[-1]
        more = max(many.parts - few.parts, 1)
        a_part = max(many.annotate.cpu - few.annotate.cpu, 0.0) / more
        a_join = max(many.join.cpu - few.join.cpu, 0.0) / more
        gain = few.annotate.seconds / two.annotate.seconds
        print(f"\nTwo workers, one thread each, are {gain:.2f} times as fast as one")
        print(f"A part takes {a_part:.2f} CPU s more than its records do: a tenth of", end=" ")
        print(f"{a_part / _TENTH:.0f} s; the join {1000 * a_join:.1f} CPU ms for each further part")
        print_reading()
        split_rate = print_split(bundle, folder, given.megabytes)
        print_prediction(
            Measured(
                size_bytes=vcf.stat().st_size,
                split_rate=split_rate,
                annotate=few.annotate.cpu - a_part * few.parts,
                start=a_part,
                join=a_join,
            )
        )


if __name__ == "__main__":
    main()
