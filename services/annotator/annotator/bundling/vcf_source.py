"""Reads known variants from a VCF, with bcftools; multiallelic records are split."""

from __future__ import annotations

import contextlib
import gzip
import re
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Thread
from typing import IO

from annotator.bundling.progress import Say
from annotator.bundling.recipe import BadRecipe
from annotator.bundling.reference import opened

_STAGE = (sys.executable, "-m", "annotator.processes.stage")
_CHUNK_BYTES = 1 << 20
_NO_CONTIG = b"contig.not.in.the.bundle"
_DEFINED = re.compile(rb"##contig=<(?:.*,)?ID=([^,>]+)")
_COMPLAINT = re.compile(r"stderr=(?:Error: )?(.+?)(?:\\n)*'$", re.MULTILINE)


def vcf_rows(
    path: Path, columns: Sequence[str], contigs: Iterable[str], say: Say
) -> Iterator[list[str]]:
    """CHROM, POS (1-based), REF, one ALT and the columns of each allele. Raises BadRecipe.

    ``contigs`` are the names that may be in it, for files whose header names none. CHROM of rows
    on contigs that are named nowhere is a name that no contig has.
    """
    query = "\\t".join(["%CHROM", "%POS", "%REF", "%ALT", *(f"%{column}" for column in columns)])
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(
            [*_STAGE, "norm", "-m", "-any", "-O", "u", "-o", "-", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
        ) as splitting,
        subprocess.Popen(
            [*_STAGE, "query", "-f", f"{query}\\n", "-o", "/dev/stdout", "-"],
            stdin=splitting.stdout,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        ) as querying,
    ):
        assert splitting.stdin is not None
        assert querying.stdout is not None
        damages: list[Exception] = []
        feeder = Thread(target=_feed, args=(path, contigs, splitting.stdin, say, damages))
        feeder.start()
        for line in querying.stdout:
            yield line.rstrip("\n").split("\t")
        feeder.join()
        if damages:
            raise BadRecipe(f"{path.name} is incomplete or damaged. Download it again.")
        if any([splitting.wait(), querying.wait()]):
            complaints.seek(0)
            # A program that lost its neighbour complains of that, which tells nothing.
            found = set(_COMPLAINT.findall(complaints.read())) - {"BCF read error"}
            wanted = ", ".join(dict.fromkeys(columns))
            why = f": {', '.join(sorted(found))}" if found else "."
            raise BadRecipe(f"{path.name} cannot be read as a VCF with {wanted}{why}")


def _feed(
    path: Path, contigs: Iterable[str], to: IO[bytes], say: Say, damages: list[Exception]
) -> None:
    """Send the file, with contigs in its header: htslib cannot read records of others.

    ClinVar's and dbSNP's own files name none. What cannot be inflated is put into ``damages``.
    """
    # Who reads may have ended because of a fault, which its status tells.
    with contextlib.suppress(BrokenPipeError), to:
        try:
            with opened(path, say) as file:
                _send(file, {name.encode() for name in contigs}, to)
        except (EOFError, gzip.BadGzipFile, zlib.error) as damage:
            damages.append(damage)


def _send(file: IO[bytes], contigs: set[bytes], to: IO[bytes]) -> None:
    defined: set[bytes] = set()
    for line in file:
        if not line.startswith(b"##"):
            added = {_NO_CONTIG} if defined else {_NO_CONTIG, *contigs}
            to.writelines(b"##contig=<ID=%b>\n" % name for name in sorted(added))
            to.write(line)
            defined |= added
            break
        if found := _DEFINED.match(line):
            defined.add(found[1])
        to.write(line)
    names = b"|".join(map(re.escape, sorted(defined)))
    others = re.compile(rb"^(?!(?:%b)\t)[^\t\n]+(?=\t)" % names, re.MULTILINE)
    while chunk := file.read(_CHUNK_BYTES):
        to.write(_renamed(chunk + file.readline(), defined, others))


def _renamed(lines: bytes, defined: set[bytes], others: re.Pattern[bytes]) -> bytes:
    """The lines, with one name for all contigs that the header does not define.

    Most chunks lie on one contig, which is told by counting.
    """
    first = lines[: lines.find(b"\t") + 1]
    if first[:-1] in defined and lines.count(b"\n" + first) + 1 == lines.count(b"\n"):
        return lines
    return others.sub(_NO_CONTIG, lines)
