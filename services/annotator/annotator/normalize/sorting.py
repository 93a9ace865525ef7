"""Brings the records of a file into order, with GNU sort: bounded memory, nothing reformatted.

bcftools sort would do it too, but it rewrites numbers (QUAL 50.00 becomes 50).
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
from pathlib import Path
from typing import IO

import numpy as np

from annotator.diagnostics import Diagnostics
from annotator.processes.pipes import EngineFailed
from annotator.validate.records import UNKNOWN, Contigs
from annotator.validate.survey import read_header
from annotator.vcf import bgzf
from annotator.vcf.columns import Spans, Table, join
from annotator.vcf.header import Header
from annotator.vcf.reading import BLOCK_BYTES, Block, Input

_MEMORY = "64M"
_DIGITS = 7
_POWERS = 10 ** np.arange(_DIGITS - 1, -1, -1)


def sort(source: Input, header: Header, contigs: Contigs, to: Path) -> None:
    """Write the file with its records in order: contigs as the bundle has them, then by position.

    Records at one position stay in the user's order; unknown contigs come last.
    """
    command = ["sort", "-s", "-t", "\t", "-k1,1", "-k3,3n", "-S", _MEMORY, "-T", str(to.parent)]
    command += ["--compress-program=gzip"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"LC_ALL": "C", "PATH": _PATH}
    ) as sorter:
        stdin, stdout = sorter.stdin, sorter.stdout
        if stdin is None or stdout is None:
            raise EngineFailed("sort has no pipes")
        failure: list[BaseException] = []
        feeder = threading.Thread(
            target=_feed, args=(source, header.columns, contigs, stdin, failure), daemon=True
        )
        feeder.start()
        with bgzf.Writer(to, level=1) as out:
            out.write(header.text())
            _write(stdout, out)
            out.end()
        feeder.join()
        if failure:
            raise failure[0]
        if sorter.wait():
            raise EngineFailed(f"sort ended with status {sorter.returncode}")


_PATH = "/usr/local/bin:/usr/bin:/bin"


def _feed(
    source: Input, columns: int, contigs: Contigs, to: IO[bytes], failure: list[BaseException]
) -> None:
    try:
        order = _order(contigs)
        blocks = source.blocks()
        _, rest = read_header(blocks, Diagnostics())
        to.write(_ranked(rest, columns, contigs, order))
        for block in blocks:
            to.write(_ranked(block, columns, contigs, order))
    except BaseException as error:
        failure.append(error)
    finally:
        with contextlib.suppress(BrokenPipeError):
            to.close()


def _order(contigs: Contigs) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    last = len(contigs.in_bundle) + max(contigs.in_bundle, default=0) + 1
    keys = [
        (last if known == UNKNOWN else known, seen) for seen, known in enumerate(contigs.in_bundle)
    ]
    ranks = np.empty(len(keys), dtype=np.int64)
    for rank, (_, seen) in enumerate(sorted(keys)):
        ranks[seen] = rank
    return ranks


def _ranked(
    block: Block,
    columns: int,
    contigs: Contigs,
    order: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> bytes:
    """Each line with the rank of its contig before it."""
    if not block.text:
        return b""
    table = Table(block.text, columns)
    ranks = order[contigs.numbers(table)]
    matrix = np.empty((table.rows, _DIGITS + 1), dtype=np.uint8)
    matrix[:, :_DIGITS] = ranks[:, None] // _POWERS % 10 + ord("0")
    matrix[:, _DIGITS] = ord("\t")
    offset = len(table.bytes)
    at = offset + np.arange(table.rows) * (_DIGITS + 1)
    starts = np.column_stack([at, table.starts]).ravel()
    ends = np.column_stack([at + _DIGITS + 1, table.ends + 1]).ravel()
    return join(np.concatenate([table.bytes, matrix.ravel()]), Spans(starts, ends))


def _write(stdout: IO[bytes], out: bgzf.Writer) -> None:
    rest = b""
    while text := stdout.read(BLOCK_BYTES):
        rest += text
        end = rest.rfind(b"\n") + 1
        lines = rest[:end].splitlines(keepends=True)
        out.write(b"".join(line[_DIGITS + 1 :] for line in lines))
        rest = rest[end:]
