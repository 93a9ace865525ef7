"""``make bench-annotate``: our pipeline beside mehari and others, on one file, in one run.

Everything is made up from a seed: a reference of 50 Mb, 1 or 4.3 million variants of one sample, a
million known variants. Prints medians, ratios, and the peak memory of all processes together.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pysam

from annotator.bundle import Bundle
from annotator.bundling.build import build
from annotator.consequences.pick import Selection
from annotator.runner import protocol
from annotator.runner.parent import annotate
from bench.annotate.genome import FILE_SEED, KNOWN_SEED, make_genome, write_known, write_variants
from bench.annotate.others import others
from bench.processes import descendants

MEGABASES = 50
_CONTIG_MEGABASES = 130
_FEWEST_CONTIGS = 8
KNOWN = 1_000_000


@dataclass
class Run:
    """Seconds of each time that something was run, of all cores, and its peak memory in MB."""

    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    megabytes: float = 0.0


def make(folder: Path, variants: int, megabases: int, all_known: bool) -> tuple[Bundle, Path]:
    """The bundle of a reference of that size, and the file with so many variants, made once.

    The known variants are those of the file, or others.
    """
    source = folder / "source"
    source.mkdir(parents=True, exist_ok=True)
    contigs = max(_FEWEST_CONTIGS, megabases // _CONTIG_MEGABASES)
    genome = make_genome(source, megabases * 1_000_000, contigs)
    path = source / f"{variants}.vcf"
    if not path.with_suffix(".vcf.gz").exists():
        write_variants(genome, path, variants)
        pysam.tabix_compress(str(path), f"{path}.gz", force=True)
        path.unlink()
    if not (folder / "bundles" / "made").exists():
        count, seed = (variants, FILE_SEED) if all_known else (KNOWN, KNOWN_SEED)
        write_known(genome, source / "known.tsv", count, seed)
        (source / "recipe.json").write_text(json.dumps(_RECIPE))
        build(source / "recipe.json", folder / "bundles", lambda text: print(text, flush=True))
    return Bundle(folder / "bundles" / "made"), path.with_suffix(".vcf.gz")


_RECIPE = {
    # mehari knows human genomes alone.
    "name": "made", "version": "1", "title": "made",
    "species": "Homo sapiens", "assembly": "made",
    "source": "none", "fasta": {"at": "reference.fa"}, "genes": {"at": "genes.gff3"},
    "known": [{
        "name": "known", "version": "1", "licence": "none", "citation": "none",
        "at": {"at": "known.tsv"}, "format": "tsv",
        "fields": [
            {"id": "KNOWN_ID", "description": "id"},
            {"id": "KNOWN_AF", "type": "Float", "description": "frequency"},
            {"id": "KNOWN_SIG", "description": "significance"},
        ],
        "pathogenic_field": "KNOWN_SIG", "pathogenic_values": ["Pathogenic"],
    }],
}  # fmt: skip


def bare(bundle: Bundle, vcf: Path, processes: int, variants: int) -> None:
    """mehari alone, in so many processes: it is asked, and what it answers is thrown away."""
    module = [sys.executable, "-m", "bench.annotate.bare"]
    arguments = [str(bundle.folder), str(vcf), str(processes), str(variants)]
    subprocess.run([*module, *arguments], check=True, stderr=subprocess.DEVNULL)


def ours(bundle: Bundle, vcf: Path, folder: Path, workers: int, transcripts: Selection) -> None:
    """The annotator's child, as the service runs it: check, table, summary, index and all."""
    task = protocol.Task(
        input=str(vcf),
        filename="made.vcf.gz",
        bundle="made",
        bundles=str(bundle.folder.parent),
        folder=str(folder),
        max_inflated_bytes=1 << 36,
        max_seconds=3600,
        workers=workers,
        transcripts=transcripts,
    )
    annotate(task, on_tick=lambda *_: None, should_stop=lambda: False)


def measure(run: Run, act: Callable[[Path], None]) -> None:
    """Run it once in a folder of its own, and take the time."""
    with tempfile.TemporaryDirectory() as folder:
        began, before = time.perf_counter(), _cpu_seconds()
        act(Path(folder))
        run.seconds.append(time.perf_counter() - began)
        run.cpu_seconds.append(_cpu_seconds() - before)


def _cpu_seconds() -> float:
    """What the processes that were started, and have ended, took of all cores."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def weigh(run: Run, act: Callable[[Path], None]) -> None:
    """Run it once more, and look at its memory ten times a second, which takes time of its own."""
    with tempfile.TemporaryDirectory() as folder:
        watch = _Watch()
        watch.start()
        act(Path(folder))
        watch.over.set()
        watch.join()
    run.megabytes = watch.peak / 1e6


class _Watch(threading.Thread):
    """Adds up the proportional memory of all processes that descend from this one."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.peak = 0

    def run(self) -> None:
        while not self.over.wait(0.1):
            self.peak = max(self.peak, sum(map(_proportional, descendants(os.getpid()))))


def _proportional(pid: int) -> int:
    """Memory in bytes, shared pages counted by share."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=1_000_000)
    parser.add_argument("--megabases", type=int, default=MEGABASES)
    parser.add_argument("--all-known", action="store_true")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--times-others", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(".gas/bench-annotate"))
    given = parser.parse_args()
    name = f"{given.megabases}-known-{given.variants}" if given.all_known else f"{given.megabases}"
    folder = given.folder.resolve() / name
    bundle, vcf = make(folder, given.variants, given.megabases, given.all_known)
    cores = os.cpu_count() or 1
    acts: dict[str, Callable[[Path], None]] = {
        f"bare mehari, {cores} processes": lambda _: bare(bundle, vcf, cores, given.variants),
        "ours, one part": lambda folder: ours(bundle, vcf, folder, 1, "all"),
        f"ours, {cores} parts": lambda folder: ours(bundle, vcf, folder, cores, "all"),
        f"ours, {cores} parts, MANE and canonical": lambda folder: ours(
            bundle, vcf, folder, cores, "mane"
        ),
    }
    first = next(iter(acts))
    runs = {name: Run() for name in acts}
    for _ in range(given.times):
        for name, act in acts.items():
            measure(runs[name], act)
    tools = others(bundle, vcf, folder) if given.times_others else {}
    for tool, act in tools.items():
        acts[tool], runs[tool] = act, Run()
        for _ in range(min(given.times, given.times_others)):
            measure(runs[tool], act)
    for name, act in acts.items():
        weigh(runs[name], act)
    machine = f"{platform.machine()}, {cores} cores, Python {platform.python_version()}"
    print(
        f"{machine}, {given.megabases:,} Mb, {given.variants:,} variants, {given.times} times each"
    )
    print("| | s | thousand variants/s | × bare | CPU s | × bare | MB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    base, cpu_base = map(statistics.median, (runs[first].seconds, runs[first].cpu_seconds))
    for name, run in runs.items():
        seconds, cpu = map(statistics.median, (run.seconds, run.cpu_seconds))
        print(
            f"| {name} | {seconds:.2f} | {given.variants / seconds / 1000:.0f}"
            f" | {seconds / base:.2f} | {cpu:.1f} | {cpu / cpu_base:.2f} | {run.megabytes:.0f} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
