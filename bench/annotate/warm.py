"""A small job with and without a warm engine: seconds and memory, on each bundle and a big one;
and from submit to completed on the embedded stack.

``python -m bench.annotate.warm --transcripts 145000``. The big bundle is made up, of genes two
transcripts each, on contigs that mehari knows; it is kept between runs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.bundling.build import build
from annotator.runner import protocol
from annotator.runner.children import Children, NewChildren, SpareChildren
from annotator.runner.parent import annotate
from annotator.runner.warm.pool import NoWarmEngines, Pool, WarmEngines
from bench.annotate.genome import make_genome
from local.client import Client, log_in, make_token
from local.demo import running_stack

_CONTIGS = 22
_TRANSCRIPTS_OF_A_GENE = 2
_GENE_EVERY = 10_000
_VARIANTS = 1_000
_ALL = 1 << 62
_GRACE_SECONDS = 3600
_RECIPE = {
    "name": "made", "version": "1", "title": "made", "species": "Homo sapiens",
    "assembly": "made", "source": "made", "fasta": {"at": "reference.fa"},
    "genes": {"at": "genes.gff3"},
}  # fmt: skip


def big_bundle(folder: Path, transcripts: int) -> Bundle:
    """A bundle of about so many transcripts, made if it is not there."""
    root = folder / f"bundles-{transcripts}"
    if not (root / "made").exists():
        root.mkdir(parents=True, exist_ok=True)
        bases = transcripts // _TRANSCRIPTS_OF_A_GENE * _GENE_EVERY
        make_genome(root, bases, _CONTIGS, gene_every=_GENE_EVERY)
        (root / "recipe.json").write_text(json.dumps(_RECIPE))
        build(root / "recipe.json", root, lambda text: print(text, flush=True))
    return bundles.find("made", root)


def write_input(bundle: Bundle, path: Path) -> None:
    """A thousand SNVs, evenly over the whole of each contig or its windows."""
    share = -(-_VARIANTS // len(bundle.manifest.contigs))
    index = [row.split("\t") for row in Path(f"{bundle.reference}.fai").read_text().splitlines()]
    bases = np.memmap(bundle.reference, dtype=np.uint8, mode="r")
    rows = []
    for name, length, offset, width, width_in_bytes in index:
        contig = bundle.contig_of[name]
        first, last = max(
            contig.windows or ((1, int(length)),), key=lambda window: window[1] - window[0]
        )
        for at in np.linspace(first - 1, last - 1, share, dtype=np.int64).tolist():
            place = int(offset) + at // int(width) * int(width_in_bytes) + at % int(width)
            ref = chr(bases[place]).upper()
            rows.append(f"{name}\t{at + 1}\t.\t{ref}\t{'C' if ref == 'A' else 'A'}\t.\t.\t.\n")
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    path.write_text(head + "".join(rows[:_VARIANTS]))


def seconds_of(bundle: Bundle, engines: Pool, children: Children) -> float:
    """How long one job takes, from the file to its results."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "in.vcf"
        write_input(bundle, source)
        task = protocol.Task(
            input=str(source), filename="in.vcf", bundle=bundle.manifest.name,
            bundles=str(bundle.folder.parent), folder=name,
            max_inflated_bytes=1 << 30, max_seconds=600,
        )  # fmt: skip
        began = time.perf_counter()
        annotate(
            task,
            on_tick=lambda *_: None,
            should_stop=lambda: False,
            engines=engines,
            children=children,
        )
        return time.perf_counter() - began


def median_of(times: int, work: Callable[[], float], pause_seconds: float) -> float:
    """The median of some runs, with pauses between: a spare process starts meanwhile."""
    found = []
    for _ in range(times):
        time.sleep(pause_seconds)
        found.append(work())
    return statistics.median(found)


def measure(bundle: Bundle, times: int) -> str:
    """A row of the table."""
    cold = median_of(times, lambda: seconds_of(bundle, NoWarmEngines(), NewChildren()), 0)
    engines, spare = WarmEngines(1, _ALL, servers=2), SpareChildren(1)
    spare.fill()
    began = time.perf_counter()
    engines.check([bundle])
    started = time.perf_counter() - began
    try:
        idle = engines.running()[0].memory_bytes() >> 20
        warm = median_of(times, lambda: seconds_of(bundle, engines, NewChildren()), 0)
        ready = median_of(times, lambda: seconds_of(bundle, engines, spare), 2)
        busy = engines.running()[0].memory_bytes() >> 20
    finally:
        engines.stop()
        spare.stop()
    return (
        f"{bundle.manifest.name:<16}{cold:>8.2f}{warm:>8.2f}{ready:>8.2f}"
        f"{started:>10.2f}{idle:>10}{busy:>10}"
    )


def seconds_on_the_stack(bundle: Bundle, times: int) -> list[float]:
    """Seconds from submit to completed of jobs on the embedded stack, warmed up by one of them."""
    environment = {
        "GAS_BUNDLE_FOLDER": str(bundle.folder.parent.resolve()),
        "GAS_BUNDLES": json.dumps([bundle.manifest.name]),
    }
    seconds = []
    with (
        tempfile.TemporaryDirectory() as name,
        running_stack(Path(name) / "state", _GRACE_SECONDS, environment) as stack,
    ):
        source = Path(name) / "in.vcf"
        write_input(bundle, source)
        client = Client(stack.url, make_token(stack.url, log_in(stack.url, "warm@example.org")))
        for _ in range(times + 1):
            upload = client.upload(source)
            began = time.perf_counter()
            client.wait_for(client.submit(upload, bundle.manifest.name), "completed")
            seconds.append(time.perf_counter() - began)
    return seconds[1:]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transcripts", type=int, default=145_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "gas-warm")
    given = parser.parse_args()
    big = big_bundle(given.folder, given.transcripts)
    print(f"{_VARIANTS:,} variants, medians of {given.times}: seconds of a job; MB of the engine")
    print(
        f"{'bundle':<16}{'cold':>8}{'warm':>8}{'spare':>8}{'start, s':>10}{'idle':>10}{'busy':>10}"
    )
    for bundle in (*bundles.installed(), big):
        print(measure(bundle, given.times), flush=True)
    on_stack = seconds_on_the_stack(big, given.times)
    print(
        f"submit to completed on the embedded stack, bundle {big.manifest.name}:"
        f" median {statistics.median(on_stack):.2f} s, of {given.times}"
    )


if __name__ == "__main__":
    main()
