"""Chosen records of the annotated VCF, byte for byte, in the order of the file."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, cast

from duckdb import DuckDBPyConnection

from web.export.selection import Selection

_READ_BYTES = 1 << 20
_FETCHED_ROWS = 10_000


def chosen_records(connection: DuckDBPyConnection, selection: Selection) -> Iterator[int]:
    """The numbers of the records that have a chosen allele, from 1, each once, ascending.

    The query must answer the column ``record``.
    """
    query = f"SELECT record FROM ({selection.query}) ORDER BY record"
    answer = connection.execute(query, selection.values or None)
    last = 0
    while rows := answer.fetchmany(_FETCHED_ROWS):
        for (record,) in rows:
            if record != last:
                yield record
                last = record


def vcf_of(
    compressed: Iterable[bytes], records: Iterator[int], header_lines: Sequence[str]
) -> Iterator[bytes]:
    """The VCF with its header, ``header_lines`` before ``#CHROM``, and the chosen records.

    ``compressed`` is the whole annotated VCF (bgzip); no more of it is read than is needed.
    """
    source = io.BufferedReader(_Source(compressed), _READ_BYTES)
    with cast(IO[bytes], gzip.GzipFile(fileobj=source)) as vcf:
        line = vcf.readline()
        while line.startswith(b"##"):
            yield line
            line = vcf.readline()
        yield "".join(f"##{text}\n" for text in header_lines).encode()
        yield line
        yield from _picked(vcf, records)


def _picked(vcf: IO[bytes], records: Iterator[int]) -> Iterator[bytes]:
    """The lines with these numbers; only the parts of the text with one of them are split."""
    wanted = next(records, None)
    first = 1  # number of the line that the text begins with
    rest: list[bytes] = []
    while wanted is not None and (chunk := vcf.read(_READ_BYTES)):
        end = chunk.rfind(b"\n") + 1
        if not end:
            rest.append(chunk)  # a line that is longer than what is read at once
            continue
        text = b"".join((*rest, chunk[:end]))
        rest = [chunk[end:]]
        after = first + text.count(b"\n")
        if wanted < after:
            lines = text.split(b"\n")
            found = []
            while wanted is not None and wanted < after:
                found.append(lines[wanted - first])
                wanted = next(records, None)
            yield b"\n".join((*found, b""))
        first = after


class _Source(io.RawIOBase):
    """Chunks as a file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = memoryview(chunk)
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size
