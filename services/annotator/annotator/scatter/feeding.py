"""Feeds an upload to a child through a named pipe, as it comes from the bucket.

This process has credentials, so it looks at no byte of it: it only computes the SHA-256.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from annotator.rejection import changed

_LEAVE_SECONDS = 0.05

Chunks = Generator[bytes | bytearray, None, None]


@dataclass
class Feed:
    """The SHA-256 of what was read, if all was by the end of the context of ``fed``."""

    sha256: str = ""


@contextmanager
def fed(pipe: Path, chunks: Chunks, size_bytes: int) -> Iterator[Feed]:
    """Make a named pipe, and write the chunks into it while the context lasts.

    Who reads need not read all. What ``chunks`` raises is raised at the end, whatever else was, and
    Rejected if they are not so many bytes.
    """
    os.mkfifo(pipe)
    feed = Feed()
    with ThreadPoolExecutor(1) as thread:
        feeding = thread.submit(_feed, pipe, chunks, size_bytes, feed)
        try:
            yield feed
        finally:
            while not feeding.done():
                # Nobody reads any more: one that comes and goes has the writer end.
                os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))
                with suppress(TimeoutError):
                    feeding.exception(_LEAVE_SECONDS)
            if error := feeding.exception():
                raise error from None


def _feed(pipe: Path, chunks: Chunks, size_bytes: int, feed: Feed) -> None:
    digest, size = hashlib.sha256(), 0
    with closing(chunks), suppress(BrokenPipeError), pipe.open("wb", buffering=0) as out:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            left = memoryview(chunk)
            while left:
                left = left[out.write(left) :]
        if size != size_bytes:
            raise changed()
        feed.sha256 = digest.hexdigest()
