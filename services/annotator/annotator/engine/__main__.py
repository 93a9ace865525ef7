"""The child: annotates one file within limits, and says so line by line.

Reads a Task from standard input. It may crash or be killed at any time; the parent alone decides
what becomes of the job.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

import pysam
import pysam.bcftools

from annotator import bundle as bundles
from annotator.engine import ENGINE, precheck, protocol
from annotator.engine.protocol import Done, Refusal, Task, Tick
from annotator.engine.rejection import Rejected
from annotator.engine.summary import Summary, summarise

_ADDRESS_SPACE_BYTES = 4 << 30
_TICK_SECONDS = 1.0


class Voice:
    """Speaks to the parent, ticks at most once a second."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def say(self, word: Tick | Refusal | Done) -> None:
        """Say it at once."""
        sys.stdout.write(word.model_dump_json() + "\n")
        sys.stdout.flush()

    def tick(self, fraction: float, variants: int) -> None:
        """Say how far we are, if the last word on it was a second ago."""
        if time.monotonic() - self._last >= _TICK_SECONDS:
            self._last = time.monotonic()
            self.say(Tick(fraction=fraction, variants=variants))


def limit_resources(task: Task) -> None:
    """Bound what a hostile file can make us use."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE_BYTES, _ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (task.max_seconds, task.max_seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * task.max_inflated_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def annotate(task: Task, voice: Voice) -> Done:
    """Check, annotate, index, count. Raises Rejected."""
    bundle = bundles.find(task.bundle)
    os.chdir(task.folder)
    report = precheck.check(
        Path(task.input), Path("clean.vcf"), bundle, task.max_inflated_bytes, voice.tick
    )
    voice.tick(0.5, report.records)
    run_csq(bundle, report)
    pysam.tabix_index(protocol.RESULT_VCF, preset="vcf", force=True)
    summary = summarise(Path(protocol.RESULT_VCF))
    counts = summary.counts() | {"samples": report.samples, "repairs": len(report.repairs)}
    write_log(task, bundle, report, summary)
    document = summary.as_json() | {"bundle": bundle.version, "engine": ENGINE}
    Path(protocol.RESULT_SUMMARY).write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    return Done(counts=counts)


def run_csq(bundle: bundles.Bundle, report: precheck.Report) -> None:
    """Annotate ``clean.vcf``, which lies in the working folder, under the user's contig names."""
    source = "clean.vcf"
    if not report.is_sorted:
        pysam.bcftools.sort("-o", "sorted.vcf", source, catch_stdout=False)
        source = "sorted.vcf"
    # Links keep this machine's paths out of the result's header.
    Path("reference.fa").symlink_to(bundle.reference)
    Path("reference.fa.fai").symlink_to(f"{bundle.reference}.fai")
    Path("genes.gff3").symlink_to(bundle.genes)
    out = "named.vcf.gz" if report.renamed else protocol.RESULT_VCF
    code = str(bundle.manifest.genetic_code)
    # A version line has the time in it: the same input would not give the same bytes.
    arguments = ["--no-version", "-f", "reference.fa", "-g", "genes.gff3"]
    arguments += ["-C", code, "-p", "a", "-O", "z"]
    if not report.samples:
        # Without genotypes nobody carries two variants together: judge each by itself.
        arguments.append("--local-csq")
    pysam.bcftools.csq(*arguments, "-o", out, source, catch_stdout=False)
    if report.renamed:
        names = {contig: name.decode() for name, contig in report.renamed.items()}
        lines = "".join(f"{contig}\t{name}\n" for contig, name in names.items())
        Path("names.tsv").write_text(lines, "utf-8")
        pysam.bcftools.annotate(
            "--no-version", "--rename-chrs", "names.tsv", "-O", "z", "-o", protocol.RESULT_VCF, out,
            catch_stdout=False,
        )  # fmt: skip


def write_log(
    task: Task, bundle: bundles.Bundle, report: precheck.Report, summary: Summary
) -> None:
    """The log that the user reads: counts, then every repair."""
    lines = [
        f"file\t{task.filename}",
        f"bundle\t{bundle.version}\t{bundle.manifest.title}",
        f"engine\t{ENGINE}",
        f"records\t{summary.records}",
        f"annotated\t{summary.annotated}",
        f"samples\t{report.samples}",
        *(f"consequence\t{term}\t{count}" for term, count in summary.consequences.most_common()),
        *(f"repair\t{repair}" for repair in report.repairs),
    ]
    if not summary.records:
        lines.append("note\tno variants in this file")
    Path(protocol.RESULT_LOG).write_text("\n".join(lines) + "\n", "utf-8")


def main() -> int:
    """Do the task on standard input; the exit status is 0 once the last word was said."""
    task = Task.model_validate_json(sys.stdin.buffer.read())
    limit_resources(task)
    voice = Voice()
    try:
        voice.say(annotate(task, voice))
    except Rejected as rejected:
        voice.say(Refusal(code=rejected.code, message=rejected.message, line=rejected.line))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
