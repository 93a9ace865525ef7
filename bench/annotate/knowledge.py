"""``python -m bench.annotate.knowledge``: what a source of known variants costs.

First the CPU time of an annotation with and without a source whose rows hold all variants of the
file and others, 10 million rows to 4.3 million variants by default. Then a made-up source of many
rows alone, streamed past variants all over the genome: time for each row, and memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pysam

from annotator.bundle import Bundle
from annotator.bundling.adding import add
from annotator.bundling.build import build
from annotator.known.source import Source
from annotator.vcf import bgzf
from annotator.vcf.columns import Spans
from bench.annotate.__main__ import Run, measure, ours
from bench.annotate.genome import FILE_SEED, KNOWN_SEED, make_genome, write_known, write_variants

_RECIPE = {
    "name": "made", "version": "1", "title": "made", "species": "Homo sapiens",
    "assembly": "made", "source": "none", "fasta": {"at": "reference.fa"},
    "genes": {"at": "genes.gff3"},
}  # fmt: skip
_MANIFEST = """\
name = "known"
version = "1"
licence = "none"
citation = "none"
file = "known.tsv"
format = "tsv"
match = "allele"
fields = [
  {id = "KNOWN_ID", description = "id"},
  {id = "KNOWN_AF", type = "Float", description = "frequency"},
  {id = "KNOWN_SIG", description = "significance"},
]
"""
_CONTIGS, _CONTIG_BASES = 8, 387_500_000  # together as many bases as the human genome
_TOGETHER = 1_000_000
_BLOCK = 10_000
_VARIANTS = 4_300_000


def make(folder: Path, variants: int, rows: int, megabases: int) -> tuple[Bundle, Bundle, Path]:
    """A bundle without the source, one with it, and a file of variants."""
    source = folder / "source"
    source.mkdir(parents=True)
    genome = make_genome(source, megabases * 1_000_000, _CONTIGS)
    path = source / "variants.vcf"
    write_variants(genome, path, variants)
    pysam.tabix_compress(str(path), f"{path}.gz", force=True)
    write_known(genome, source / "known.tsv", variants, FILE_SEED)
    write_known(genome, source / "others.tsv", rows - variants, KNOWN_SEED)
    with (source / "known.tsv").open("a") as out:
        out.write((source / "others.tsv").read_text().partition("\n")[2])
    (source / "known.toml").write_text(_MANIFEST)
    (source / "recipe.json").write_text(json.dumps(_RECIPE))
    plain = build(source / "recipe.json", folder / "plain", _report)
    (folder / "known").mkdir()
    return plain, add(plain, source, "2", folder / "known", _report), Path(f"{path}.gz")


def compare(folder: Path, variants: int, rows: int, megabases: int, times: int) -> None:
    """Print medians of CPU time with and without the source."""
    plain, with_source, vcf = make(folder, variants, rows, megabases)
    runs = {"without": (plain, Run()), "with": (with_source, Run())}
    for _ in range(times):
        for bundle, run in runs.values():
            measure(run, partial(_annotate, bundle, vcf))
    without, together = (statistics.median(run.cpu_seconds) for _, run in runs.values())
    print(f"{variants:,} variants, all of them among {rows:,} rows, {times} times each")
    print(f"CPU s without {without:.2f}, with {together:.2f}")
    print(f"the lookup and what it adds to the results: {(together - without) / without:.2f} x")


def _annotate(bundle: Bundle, vcf: Path, folder: Path) -> None:
    ours(bundle, vcf, folder, 1, "all")


def stream(folder: Path, rows: int) -> None:
    """Look up variants all over a source of so many rows; print time and memory."""
    path = folder / "many.tsv.gz"
    _write_many(path, rows)
    source = Source(path, 2)
    random = np.random.default_rng(1)
    found = 0
    print(f"before the first look-up: {_megabytes()} MB", flush=True)
    began = time.process_time()
    for contig in range(_CONTIGS):
        drawn = np.unique(random.integers(1, _CONTIG_BASES, _VARIANTS // _CONTIGS))
        for start in range(0, len(drawn), _BLOCK):
            positions = drawn[start : start + _BLOCK]
            text = np.frombuffer(b"A\tC" * len(positions), dtype=np.uint8)
            starts = np.arange(len(positions), dtype=np.int64) * 3
            for hits, _ in source.find(b"%d" % contig, positions, text, Spans(starts, starts + 3)):
                found += len(hits)
        print(f"  contig {contig + 1} of {_CONTIGS}: {_megabytes()} MB", flush=True)
    seconds = time.process_time() - began
    print(f"{_VARIANTS:,} variants in {rows:,} rows ({path.stat().st_size >> 20:,} MiB):")
    print(f"{found:,} found, {seconds:.1f} s of CPU, {1e6 * seconds / rows:.2f} us a row")


def _write_many(path: Path, rows: int) -> None:
    """CHROM, POS, A, C, and two values; a row every so many bases of each contig."""
    each = rows // _CONTIGS
    step = _CONTIG_BASES // each
    with bgzf.Writer(path) as out:
        for contig in range(_CONTIGS):
            for start in range(0, each, _TOGETHER):
                number = pl.int_range(start, min(start + _TOGETHER, each), eager=True)
                frame = pl.DataFrame(
                    {"at": number * step + number % step + 1, "af": number % 997}
                ).select(
                    pl.lit(str(contig)).alias("CHROM"), "at", pl.lit("A").alias("REF"),
                    pl.lit("C").alias("ALT"), (pl.col("af") / 1e6).alias("AF"), "af",
                )  # fmt: skip
                out.write(frame.write_csv(separator="\t", include_header=False).encode())
        out.end()
    pysam.tabix_index(str(path), seq_col=0, start_col=1, end_col=1, force=True)


def _megabytes() -> int:
    """The memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 20


def _report(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=4_300_000)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--megabases", type=int, default=3_100)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--stream", type=int, default=50_000_000, metavar="ROWS", help="0: not")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gas-bench-") as name:
        if given.variants:
            compare(Path(name), given.variants, given.rows, given.megabases, given.times)
        if given.stream:
            stream(Path(name), given.stream)
    return 0


if __name__ == "__main__":
    sys.exit(main())
