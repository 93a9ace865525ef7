"""Reads a large object by several ranged requests at once, in order and with bounded memory.

One stream of S3 gives some 90 MB a second, several together what the network gives. A range whose
connection breaks is read once more, where a single stream would be lost.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from gas.aws.errors import AwsError
from gas.files.bucket import CHUNK_BYTES, FileInfo, Pin, Span

SPAN_BYTES = 8 << 20
AT_ONCE = 8
"""So many spans are in memory at most, and one that is looked at."""
_TRIES = 3


class Readable(Protocol):
    """A bucket to read from."""

    def info(self, key: str) -> FileInfo:
        """Size and ETag of the object. Raises NoSuchFile."""

    def stream(self, key: str, pin: Pin | None = None, span: Span | None = None) -> Iterator[bytes]:
        """A span of the object in chunks. Raises NoSuchFile, FileChanged."""


class Reading:
    """The bytes of the object at that key as it is now; ``size_bytes`` is how many there are.

    Raises NoSuchFile. ``close`` ends what is under way.
    """

    def __init__(self, files: Readable, key: str, span_bytes: int = SPAN_BYTES) -> None:
        info = files.info(key)
        self.size_bytes = info.size_bytes
        pin = Pin(info.etag.strip('"'))
        self._spans = read_ahead(files, key, pin, info.size_bytes, span_bytes)
        self._left = memoryview(b"")

    def take(self, size: int) -> Iterator[memoryview]:
        """The next bytes, so many of them, or what is left; at most CHUNK_BYTES at a time.

        Raises NoSuchFile, FileChanged, or what S3 refuses or does not answer.
        """
        while size:
            self._left = self._left or memoryview(next(self._spans, b""))
            if not self._left:
                return
            chunk = self._left[: min(size, CHUNK_BYTES)]
            self._left = self._left[len(chunk) :]
            size -= len(chunk)
            yield chunk

    def close(self) -> None:
        """End all requests."""
        self._spans.close()


def read_ahead(
    files: Readable, key: str, pin: Pin, size_bytes: int, span_bytes: int = SPAN_BYTES
) -> Generator[bytearray, None, None]:
    """The bytes of an object of that size in spans, in order, while the next are on their way.

    Raises NoSuchFile, FileChanged, or what S3 refuses or does not answer.
    """

    def read(first: int) -> bytearray:
        span = Span(first, min(first + span_bytes, size_bytes) - 1)
        for _ in range(_TRIES - 1):
            with contextlib.suppress(*AwsError):
                return _once(files, key, pin, span)
        return _once(files, key, pin, span)

    if size_bytes <= span_bytes:  # no thread for what is small
        yield from (read(first) for first in range(0, size_bytes, span_bytes))
        return
    threads = ThreadPoolExecutor(AT_ONCE)
    try:
        under_way: deque[Future[bytearray]] = deque()
        for first in range(0, size_bytes, span_bytes):
            if len(under_way) == AT_ONCE:
                yield under_way.popleft().result()
            under_way.append(threads.submit(read, first))
        while under_way:
            yield under_way.popleft().result()
    finally:
        threads.shutdown(cancel_futures=True)


def _once(files: Readable, key: str, pin: Pin, span: Span) -> bytearray:
    read = bytearray()
    for chunk in files.stream(key, pin, span):
        read += chunk
    return read
