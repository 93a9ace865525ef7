"""Reads known variants from a VCF, with bcftools; multiallelic records are split."""

from __future__ import annotations

import contextlib
import gzip
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Thread
from typing import IO

from annotator.bundling.progress import Say
from annotator.bundling.recipe import BadRecipe
from annotator.bundling.reference import opened

_STAGE = (sys.executable, "-m", "annotator.processes.stage")
_CHUNK_BYTES = 1 << 20


def vcf_rows(
    path: Path, columns: Sequence[str], contigs: Iterable[str], say: Say
) -> Iterator[list[str]]:
    """CHROM, POS (1-based), REF, one ALT and the columns of each allele. Raises BadRecipe.

    ``contigs`` are the names that may be in it, for files whose header names none.
    """
    query = "\\t".join(["%CHROM", "%POS", "%REF", "%ALT", *(f"%{column}" for column in columns)])
    with (
        subprocess.Popen(
            [*_STAGE, "norm", "-m", "-any", "-O", "u", "-o", "-", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as splitting,
        subprocess.Popen(
            [*_STAGE, "query", "-f", f"{query}\\n", "-o", "/dev/stdout", "-"],
            stdin=splitting.stdout,
            stdout=subprocess.PIPE,
            text=True,
        ) as querying,
    ):
        assert splitting.stdin is not None
        assert querying.stdout is not None
        feeder = Thread(target=_feed, args=(path, contigs, splitting.stdin, say))
        feeder.start()
        for line in querying.stdout:
            yield line.rstrip("\n").split("\t")
        feeder.join()
        if splitting.wait() or querying.wait():
            raise BadRecipe(f"{path.name} cannot be read as a VCF with {', '.join(columns)}.")


def _feed(path: Path, contigs: Iterable[str], to: IO[bytes], say: Say) -> None:
    """Send the file, with contigs in its header: htslib cannot read records of others.

    ClinVar's own files name none.
    """
    # Who reads may have ended because of a fault, which its status tells.
    broken = contextlib.suppress(BrokenPipeError, EOFError, gzip.BadGzipFile)
    with broken, to, opened(path, say) as file:
        names_contigs = False
        for line in file:
            names_contigs |= line.startswith(b"##contig=")
            if not line.startswith(b"##"):
                if not names_contigs:
                    to.writelines(b"##contig=<ID=%b>\n" % name.encode() for name in contigs)
                to.write(line)
                break
            to.write(line)
        while chunk := file.read(_CHUNK_BYTES):
            to.write(chunk)
