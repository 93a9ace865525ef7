"""Measures questions to a file, in a process of its own."""

from __future__ import annotations

import hashlib
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from bench.memory import peak_megabytes
from bench.web.questions import questions
from gas.domain.job import Job, JobStatus
from gas.events import InputFile, Plan, ResultFile, ResultKind
from gas.files.bucket import CHUNK_BYTES, Files
from web.allocator import bound_arenas
from web.ports import variant_service_of
from web.problems import Problem
from web.settings import WebSettings
from web.variants.question import Question
from web.variants.service import VariantService

FOLDER = Path(".gas/bench")
_PAGE = 50


class LocalFiles:
    """A bucket with one file, read from this disk."""

    bucket = "bench"

    def __init__(self, path: Path) -> None:
        self._path = path

    def stream(self, key: str) -> Iterator[bytes]:  # noqa: ARG002
        with self._path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk


def job_of(path: Path) -> Job:
    """A completed job whose table is that file."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    now = datetime.now(UTC)
    size = path.stat().st_size
    result = ResultFile(kind=ResultKind.VARIANTS, key="v", size_bytes=size, sha256=sha256)
    upload = InputFile(bucket="inputs", key="v", size_bytes=1, etag="e", filename="v.vcf")
    return Job(
        "bench", "ada", 1, JobStatus.COMPLETED, upload, "b", Plan.FREE, now, results=(result,)
    )


def _seconds_or_refused(service: VariantService, job: Job, question: Question) -> float | None:
    """The seconds; None where the service was too busy."""
    try:
        return _seconds(service, job, question)
    except Problem as problem:
        if problem.status != 503:
            raise
        return None


def _seconds(service: VariantService, job: Job, question: Question) -> float:
    start = time.perf_counter()
    service.page(job, question, _PAGE)
    return time.perf_counter() - start


def line(name: str, times: Sequence[float]) -> str:
    """A row of a table: median, p99 and slowest in milliseconds."""
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    median = statistics.median(ordered)
    return f"| {name} | {median * 1000:.0f} | {p99 * 1000:.0f} | {ordered[-1] * 1000:.0f} |"


def _by_kind(names: Sequence[str], cpus: Sequence[float]) -> Iterator[str]:
    """Of the questions that have a kind of filter, what CPU time they took; dearest kinds first."""
    times: dict[str, list[float]] = {}
    for name, cpu in zip(names, cpus, strict=True):
        for kind in name.partition(" by ")[0].split("+"):
            times.setdefault(kind, []).append(cpu * 1000)
    for kind, found in sorted(times.items(), key=lambda kind: -statistics.median(kind[1])):
        yield f"| {kind} | {len(found)} | {statistics.median(found):.0f} | {max(found):.0f} |"


def measure(path: Path, count: int, people: int, seed: int, slowest: int) -> None:
    """Print the times of a first look, of ``count`` questions, and of ``people`` at once."""
    bound_arenas()  # as the server does
    job = job_of(path)
    cpus: list[float] = []
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        settings = WebSettings(variants_folder=Path(folder), variants_memory="200MB")
        service = variant_service_of(settings, cast(Files, LocalFiles(path)))
        start = time.perf_counter()
        while _seconds_or_refused(service, job, Question()) is None:
            pass  # each call waits some seconds for the copy
        first = time.perf_counter() - start
        with service.open(job) as table:
            schema = table.schema
        asked = list(questions(count, schema, seed))
        times = []
        for _, question in asked:
            cpu = time.process_time()
            times.append(_seconds(service, job, question))
            cpus.append(time.process_time() - cpu)
        print(f"{schema.rows:,} rows, {path.stat().st_size / 1e6:.0f} MB, seed {seed}")
        print(f"first look (copy from this disk, check, first page): {first:.2f} s")
        print("\n| questions | median ms | p99 ms | slowest ms |\n|---|---:|---:|---:|")
        print(line(f"{count}, one after the other", times), flush=True)
        others = [question for _, question in questions(people * 2, schema, seed + 1)]
        with ThreadPoolExecutor(people) as pool:
            crowd = list(pool.map(lambda q: _seconds_or_refused(service, job, q), others))
        answered = [seconds for seconds in crowd if seconds is not None]
        print(line(f"{len(others)}, {people} people at once", answered))
        print(f"\n{len(others) - len(answered)} of these were refused as too many")
    print(
        f"CPU of a question: median {statistics.median(cpus) * 1000:.0f} ms;"
        f" peak memory: {peak_megabytes():.0f} MB"
    )
    print("\n| filter | questions | median CPU ms | most CPU ms |\n|---|---:|---:|---:|")
    print("\n".join(_by_kind([name for name, _ in asked], cpus)))
    for cpu, seconds, (name, _) in sorted(
        zip(cpus, times, asked, strict=True), key=lambda row: row[0]
    )[-slowest:]:
        print(f"  {cpu * 1000:6.0f} ms CPU, {seconds * 1000:6.0f} ms {name}")
