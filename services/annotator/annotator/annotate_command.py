"""``python -m annotator annotate``: one file on one machine, as the service would annotate it.

Exit status: 0 done; 1 the file cannot be annotated, with the service's message; 2 the command
could not be run (an output exists, no such bundle, a bundle that cannot be used); 3 the engine
failed; 130 interrupted. Only a whole result is ever put in its place.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from annotator import bundle as bundles
from annotator.bundle import NoSuchBundle
from annotator.consequences.engine import DatabaseUnusable, EngineMissing
from annotator.names import result_stem
from annotator.processes.pipes import EngineFailed
from annotator.rejection import Rejected
from annotator.runner import protocol
from annotator.runner.parent import annotate
from gas import multiqc

DONE, REFUSED, CANNOT_RUN, ENGINE_FAILED, INTERRUPTED = 0, 1, 2, 3, 130
MAX_INFLATED_BYTES = 64 << 30
"""The default of GAS_MAX_INFLATED_BYTES, so that commands accept what the service accepts."""
_FOREVER_SECONDS = 30 * 24 * 3600
_BAR = 30
_EXTRAS = {
    "tsv": ("annotated.tsv.gz", "a table with a row for each allele, gzip"),
    "parquet": ("variants.parquet", "the table of variants as Parquet"),
    "summary": ("summary.json", "counts, as JSON"),
    "log": ("count.log", "counts, repairs, and what was not annotated, as text"),
    "provenance": ("provenance.json", "versions and checksums, as JSON"),
}
"""Results that are written beside the VCF where they are asked for."""


class CannotRun(Exception):
    """The command cannot begin; the message says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("input", type=Path, metavar="VCF", help="plain, gzip or bgzip")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="VCF.GZ",
                        help="the annotated VCF, bgzip; its index goes to VCF.GZ.csi")  # fmt: skip
    parser.add_argument("--bundle", default="human-mt", help="see: bundle list")
    parser.add_argument("--transcripts", choices=("all", "mane", "picked"), default="all",
                        help="those that the result names")  # fmt: skip
    parser.add_argument("--split-multiallelics", action="store_true",
                        help="a record for each alternate allele")  # fmt: skip
    for name, (result, text) in _EXTRAS.items():
        if result in protocol.RESULTS:
            parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=text)
    parser.add_argument("--multiqc", type=Path, metavar="FOLDER",
                        help="counts for MultiQC, in files NAME.SECTION_mqc.json")  # fmt: skip
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N",
                        help="parts of a large file that are annotated at once")  # fmt: skip
    parser.add_argument("--force", action="store_true", help="overwrite outputs that exist")
    parser.add_argument("--quiet", action="store_true", help="no progress, no counts")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Annotate; returns the exit status."""
    try:
        outputs = _outputs(given)
        with tempfile.TemporaryDirectory(prefix=".gas-", dir=given.output.parent) as name:
            counts = _annotated(given, Path(name))
            if given.multiqc:
                _write_multiqc(given, Path(name) / protocol.RESULT_SUMMARY)
            for result, path in outputs.items():
                shutil.move(Path(name) / result, path)
    except Rejected as rejected:
        where = f", line {rejected.line}" if rejected.line else ""
        return _fault(REFUSED, f"{given.input}{where}: {rejected.code}: {rejected.message}")
    except NoSuchBundle as error:
        return _fault(
            CANNOT_RUN, f"There is no bundle {error}. See: python -m annotator bundle list"
        )
    except (CannotRun, DatabaseUnusable, EngineMissing) as error:
        return _fault(CANNOT_RUN, str(error))
    except OSError as error:
        return _fault(CANNOT_RUN, f"{error.filename or given.input}: {error.strerror}.")
    except EngineFailed as error:
        return _fault(ENGINE_FAILED, f"The engine failed: {error}")
    except KeyboardInterrupt:
        return _fault(INTERRUPTED, "Interrupted.")
    if not given.quiet:
        told = ", ".join(f"{number:,} {name}" for name, number in counts.items())
        print(f"{told}: {given.output}", file=sys.stderr)
    return DONE


def _outputs(given: argparse.Namespace) -> dict[str, Path]:
    """Where each result goes, by its name. Raises CannotRun."""
    outputs = {
        protocol.RESULT_VCF: given.output,
        protocol.RESULT_INDEX: given.output.with_name(f"{given.output.name}.csi"),
    }
    for name, (result, _) in _EXTRAS.items():
        if path := getattr(given, name, None):
            outputs[result] = path
    if not given.output.name.endswith(".gz"):
        raise CannotRun(f"{given.output}: the result is compressed: give it a name in .vcf.gz.")
    for path in (*outputs.values(), *_multiqc_files(given).values()):
        if path.exists() and given.input.exists() and path.samefile(given.input):
            raise CannotRun(f"{path} is the input.")
        if path.exists() and not given.force:
            raise CannotRun(f"{path} exists; --force overwrites it.")
        if not path.parent.is_dir():
            raise CannotRun(f"{path.parent} is not a folder.")
    return outputs


def _multiqc_files(given: argparse.Namespace) -> dict[str, Path]:
    """Where each section for MultiQC goes; none without ``--multiqc``."""
    if not given.multiqc:
        return {}
    stem = result_stem(given.input.name)
    return {name: given.multiqc / multiqc.file_name(stem, name) for name in multiqc.SECTIONS}


def _write_multiqc(given: argparse.Namespace, summary: Path) -> None:
    counts = json.loads(summary.read_bytes())
    for section, path in _multiqc_files(given).items():
        document = multiqc.document(section, result_stem(given.input.name), counts)
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _annotated(given: argparse.Namespace, folder: Path) -> dict[str, int]:
    bundles.find(given.bundle, given.bundles)
    with given.input.open("rb"):
        pass  # what cannot be read is refused here, and not in the child
    task = protocol.Task(
        input=str(given.input.absolute()),
        filename=given.input.name,
        bundle=given.bundle,
        bundles=str(given.bundles.absolute()),
        split_multiallelics=given.split_multiallelics,
        transcripts=given.transcripts,
        folder=str(folder.absolute()),
        max_inflated_bytes=MAX_INFLATED_BYTES,
        max_seconds=_FOREVER_SECONDS,
        workers=max(1, given.workers),
    )
    progress = Progress(is_shown=sys.stderr.isatty() and not given.quiet)
    try:
        return annotate(task, on_tick=progress.tick, should_stop=lambda: False)
    finally:
        progress.clear()


class Progress:
    """A line on standard error that tells how far the work is."""

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._began = time.monotonic()

    def tick(self, fraction: float, variants: int) -> None:
        """Show the share done (0 to 1) and the variants so far."""
        if self._is_shown:
            done = int(fraction * _BAR)
            seconds = time.monotonic() - self._began
            text = f"[{'#' * done}{'.' * (_BAR - done)}] {fraction:4.0%} {variants:,} variants"
            print(f"\r{text}, {seconds:.0f} s\x1b[K", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Leave the line empty."""
        if self._is_shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _fault(status: int, text: str) -> int:
    print(text, file=sys.stderr)
    return status
