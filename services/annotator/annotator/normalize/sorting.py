"""Brings the records of a file into order, with GNU sort: bounded memory, nothing reformatted.

bcftools sort would do it too, but it rewrites numbers (QUAL 50.00 becomes 50).
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np

from annotator.diagnostics import Diagnostics
from annotator.processes.pipes import EngineFailed
from annotator.validate.contigs import UNKNOWN, Contigs
from annotator.validate.survey import read_header
from annotator.vcf import bgzf
from annotator.vcf.blocks import BLOCK_BYTES
from annotator.vcf.columns import TAB, Offsets, Spans, Table, join
from annotator.vcf.header import Header
from annotator.vcf.reading import Input

_MEMORY = "64M"
_RANK_DIGITS, _NUMBER_DIGITS = 7, 12
_KEY_BYTES = _RANK_DIGITS + 1 + _NUMBER_DIGITS + 1


def lines_file(path: Path) -> Path:
    """Where the lines are that records of ``path`` had in the upload, from 1: 8 bytes for each."""
    return path.with_name(f"{path.name}.lines")


def sort(source: Input, header: Header, contigs: Contigs, to: Path) -> None:
    """Write the file with its records in order: contigs as the bundle has them, then by position.

    Records at one position stay in the user's order; unknown contigs come last. Beside the file
    goes ``lines_file(to)``.
    """
    command = ["sort", "-s", "-t", "\t", "-k1,1", "-k4,4n", "-S", _MEMORY, "-T", str(to.parent)]
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
        with bgzf.Writer(to) as out, lines_file(to).open("wb") as lines:
            out.write(header.text())
            _write(stdout, out, lines)
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
        for block in chain([rest], blocks):
            if block.text:
                table = Table(block.text, columns)
                to.write(_keyed(table, order[contigs.numbers(table)], block.line + table.lines))
    except BaseException as error:
        failure.append(error)
    finally:
        with contextlib.suppress(BrokenPipeError):
            to.close()


def _order(contigs: Contigs) -> Offsets:
    last = len(contigs.in_bundle) + max(contigs.in_bundle, default=0) + 1
    keys = [
        (last if known == UNKNOWN else known, seen) for seen, known in enumerate(contigs.in_bundle)
    ]
    ranks = np.empty(len(keys), dtype=np.int64)
    for rank, (_, seen) in enumerate(sorted(keys)):
        ranks[seen] = rank
    return ranks


def _keyed(table: Table, ranks: Offsets, lines: Offsets) -> bytes:
    """Each line with the rank of its contig and its number in the file before it."""
    keys = np.empty((table.rows, _KEY_BYTES), dtype=np.uint8)
    keys[:, :_RANK_DIGITS] = _digits(ranks, _RANK_DIGITS)
    keys[:, _RANK_DIGITS] = keys[:, -1] = TAB
    keys[:, _RANK_DIGITS + 1 : -1] = _digits(lines, _NUMBER_DIGITS)
    at = len(table.bytes) + np.arange(table.rows) * _KEY_BYTES
    starts = np.column_stack([at, table.starts]).ravel()
    ends = np.column_stack([at + _KEY_BYTES, table.ends + 1]).ravel()
    return join(np.concatenate([table.bytes, keys.ravel()]), Spans(starts, ends))


def _digits(numbers: Offsets, count: int) -> Offsets:
    """So many decimal digits of each, as characters, with zeros before."""
    digits: Offsets = numbers[:, None] // 10 ** np.arange(count - 1, -1, -1) % 10 + ord("0")
    return digits


def _write(stdout: IO[bytes], out: bgzf.Writer, numbers_to: IO[bytes]) -> None:
    rest = b""
    while text := stdout.read(BLOCK_BYTES):
        rest += text
        # Only at line feeds: a carriage return inside a line is data.
        *lines, rest = rest.split(b"\n")
        out.write(b"".join(line[_KEY_BYTES:] + b"\n" for line in lines))
        numbers = [int(line[_RANK_DIGITS + 1 : _KEY_BYTES - 1]) for line in lines]
        numbers_to.write(np.array(numbers, dtype=np.int64).tobytes())
