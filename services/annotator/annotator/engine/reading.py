"""The lines of a VCF, plain or compressed, with a bound on their length and on their sum."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from annotator.engine.rejection import damaged, not_vcf, too_large

MAX_LINE_BYTES = 64 << 20
_GZIP = b"\x1f\x8b"
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_KNOWN = {
    b"\x89PNG": "a PNG image",
    b"PK\x03\x04": "a ZIP archive",
    b"%PDF": "a PDF document",
    b"BCF": "a BCF file",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"<": "an HTML or XML page",
    b"{": "a JSON document",
    b"@": "a FASTQ or SAM file",
    b">": "a FASTA file",
}


class Input:
    """An input file, read line by line; ``consumed`` is the fraction of the file read so far."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._max_bytes = max_bytes
        self._raw: BinaryIO | None = None
        if self._size == 0:
            raise not_vcf("The file is empty. Upload a VCF file with at least its header.")

    @property
    def consumed(self) -> float:
        """From 0 to 1."""
        return self._raw.tell() / self._size if self._raw else 0.0

    def lines(self) -> Iterator[bytes]:
        """Each line without its end. Raises Rejected for damaged or too large files."""
        with self._path.open("rb") as self._raw:
            head = self._raw.read(18)
            self._raw.seek(0)
            if head.startswith(_GZIP):
                self._check_bgzf_end(head)
                with gzip.GzipFile(fileobj=self._raw) as stream:
                    yield from self._bounded(stream)
            else:
                yield from self._bounded(self._raw)

    def _check_bgzf_end(self, head: bytes) -> None:
        is_bgzf = len(head) == 18 and head[3] == 4 and head[12:14] == b"BC"
        if not is_bgzf or self._raw is None:
            return
        self._raw.seek(max(0, self._size - len(_BGZF_END)))
        if self._raw.read() != _BGZF_END:
            raise damaged(
                "The upload is incomplete: the last block of the compressed file is missing."
                " Upload the whole file again."
            )
        self._raw.seek(0)

    def _bounded(self, stream: gzip.GzipFile | BinaryIO) -> Iterator[bytes]:
        total = 0
        try:
            while line := stream.readline(MAX_LINE_BYTES + 1):
                total += len(line)
                if len(line) > MAX_LINE_BYTES:
                    raise too_large(f"A line is longer than {MAX_LINE_BYTES >> 20} MiB.")
                if total > self._max_bytes:
                    raise too_large(
                        f"The file holds more than {self._max_bytes >> 30} GiB when decompressed."
                        " Split it and submit the parts."
                    )
                yield line.rstrip(b"\r\n")
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise damaged(
                f"The compressed file is incomplete or damaged ({error}). Upload it again."
            ) from None


def looks_like(line: bytes) -> str:
    """What a file that begins with ``line`` seems to be."""
    for magic, name in _KNOWN.items():
        if line.startswith(magic):
            return name
    if b"\x00" in line:
        return "a binary file"
    return "a text file without a VCF header"
