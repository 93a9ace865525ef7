"""How fast a large file is cut: a worker reads and hashes it, a child skims it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from annotator.bundle import Bundle
from annotator.scatter.splitting import Asked, split
from annotator.vcf import bgzf
from bench.memory import peak_megabytes
from bench.scatter.measuring import MOST_BYTES, CountingFiles, workplace
from bench.scatter.service import Service, measured
from gas.files.bucket import CHUNK_BYTES, Pin, Span

SAMPLES = 1_000
PART_BYTES = 100_000_000
_ROWS_AT_ONCE = 2_000
_GENOTYPES = np.frombuffer(b"\t0|0\t0|1\t1|0\t1|1", dtype="S4")
_COMMON = 0.9


class OnDisk(CountingFiles):
    """A bucket in memory but for one upload, which is read from a file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def stream(self, key: str, pin: Pin | None = None, span: Span | None = None) -> Iterator[bytes]:
        """As of a bucket."""
        if key != "upload":
            yield from super().stream(key, pin, span)
            return
        with self._path.open("rb") as file:
            first, last = span or (0, self._path.stat().st_size - 1)
            file.seek(first)
            while chunk := file.read(min(CHUNK_BYTES, last + 1 - file.tell())):
                yield chunk


@dataclass(frozen=True, slots=True)
class _Split:
    """CPU seconds of the worker and of the child for a file of so many bytes."""

    size_bytes: int
    text_bytes: int
    parts: int
    worker: float
    child: float
    worker_megabytes: float
    child_megabytes: float


def print_split(bundle: Bundle, folder: Path, megabytes: int) -> float:
    """Cut a made-up cohort of that size, print what it took; gives bytes a second of one core.

    What it takes to start is measured by a file of a megabyte, and not in that number.
    """
    small, large = (_measure(bundle, folder, size * 1_000_000) for size in (1, megabytes))
    more = large.size_bytes - small.size_bytes
    text = large.text_bytes / 1e6
    print(
        f"\nsplit of {large.size_bytes / 1e6:,.0f} MB that hold {text:,.0f}: {large.parts} parts\n"
    )
    print("| | CPU s | of which to start | MB/s besides | MB |\n|---|" + "---:|" * 4)
    rates = []
    for name, start, all_of_it, memory in (
        ("worker", small.worker, large.worker, large.worker_megabytes),
        ("child", small.child, large.child, large.child_megabytes),
    ):
        # Of a file too small to tell them apart, all counts.
        besides = all_of_it - start if all_of_it > 2 * start else all_of_it
        rates.append(more / besides)
        rate = rates[-1] / 1e6
        print(f"| {name} | {all_of_it:.2f} | {start:.2f} | {rate:,.0f} | {memory:.0f} |")
    return min(rates)


def _measure(bundle: Bundle, folder: Path, size_bytes: int) -> _Split:
    path = folder / "cohort.vcf.gz"
    text_bytes = write_cohort(path, bundle.manifest.contigs[0].name, size_bytes)
    size = path.stat().st_size
    service = Service(bundle, 1)
    place = workplace(bundle, folder, service.run, OnDisk(path))
    asked = Asked("upload", Pin("any"), size, path.name, PART_BYTES, MOST_BYTES)
    before = peak_megabytes()
    with measured() as used:
        began = time.process_time()
        plan = split(asked, "root", place)
        worker = time.process_time() - began
    more = peak_megabytes() - before
    service.stop()
    path.unlink()
    return _Split(size, text_bytes, plan.parts, worker, used.cpu, more, used.megabytes)


def write_cohort(path: Path, contig: str, size_bytes: int) -> int:
    """Write records with many samples until the packed file is so large; gives bytes of text."""
    rng = np.random.default_rng(1)
    names = "\t".join(f"sample{n}" for n in range(SAMPLES))
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
    total, position = 0, 1
    with bgzf.Writer(path) as out:
        text = f"##fileformat=VCFv4.2\n{columns}\t{names}\n".encode()
        while True:
            out.write(text)
            total += len(text)
            if out.blocks[-1] >= size_bytes:
                break
            rare = rng.integers(0, 4, (_ROWS_AT_ONCE, SAMPLES))
            codes = np.where(rng.random((_ROWS_AT_ONCE, SAMPLES)) < _COMMON, 0, rare)
            rows = []
            for genotypes in _GENOTYPES[codes]:
                fixed = f"{contig}\t{position}\t.\tA\tC\t.\tPASS\t.\tGT".encode()
                rows.append(fixed + genotypes.tobytes() + b"\n")
                position += 7
            text = b"".join(rows)
        out.end()
    return total
