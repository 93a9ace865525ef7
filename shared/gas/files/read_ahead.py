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
        self._files, self._key = files, key
        self._pin = Pin(info.etag.strip('"'))
        self._span_bytes = span_bytes
        self._spans = self._all()
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

    def _all(self) -> Generator[bytearray, None, None]:
        spans = [
            Span(first, min(first + self._span_bytes, self.size_bytes) - 1)
            for first in range(0, self.size_bytes, self._span_bytes)
        ]
        if len(spans) == 1:
            yield self._read(spans[0])
            return
        threads = ThreadPoolExecutor(AT_ONCE)
        try:
            under_way: deque[Future[bytearray]] = deque()
            for span in spans:
                if len(under_way) == AT_ONCE:
                    yield under_way.popleft().result()
                under_way.append(threads.submit(self._read, span))
            while under_way:
                yield under_way.popleft().result()
        finally:
            threads.shutdown(cancel_futures=True)

    def _read(self, span: Span) -> bytearray:
        for _ in range(_TRIES - 1):
            with contextlib.suppress(*AwsError):
                return self._once(span)
        return self._once(span)

    def _once(self, span: Span) -> bytearray:
        read = bytearray()
        for chunk in self._files.stream(self._key, self._pin, span):
            read += chunk
        return read
