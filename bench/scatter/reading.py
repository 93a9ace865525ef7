"""How fast a joined result is proved: hashed twice, and read by one stream or by several.

Streams are slowed down to what one of S3 gives, which is a model; hashing is real.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import closing

from annotator.part_queue.proof import sha256_of
from annotator.scatter.joining import JoinedFile
from bench.scatter.prediction import S3_BYTES_A_SECOND
from gas.files.bucket import CHUNK_BYTES, FileInfo, Pin, Span
from gas.files.read_ahead import Reading

_KEY = "result"
_BYTES = 256 << 20
_MEGABYTES = _BYTES / 1e6


class Streams:
    """One object, each of whose streams gives so many bytes a second; 0 for no such limit."""

    def __init__(self, content: bytes, bytes_a_second: float) -> None:
        self._content, self._speed = memoryview(content), bytes_a_second

    def info(self, key: str) -> FileInfo:
        return FileInfo(len(self._content), key, None)

    def stream(self, key: str, pin: Pin | None = None, span: Span | None = None) -> Iterator[bytes]:
        del key, pin
        first, last = span or Span(0, len(self._content) - 1)
        for at in range(first, last + 1, CHUNK_BYTES):
            chunk = bytes(self._content[at : min(at + CHUNK_BYTES, last + 1)])
            if self._speed:
                time.sleep(len(chunk) / self._speed)
            yield chunk


def print_reading() -> None:
    """Print megabytes a second, by the clock and by CPU time."""
    content = bytes(_BYTES)
    fast, slow = Streams(content, 0), Streams(content, S3_BYTES_A_SECOND)
    digest = hashlib.sha256(content)
    tree = hashlib.sha256(_BYTES.to_bytes(8, "big") + digest.digest()).hexdigest()
    joined = JoinedFile("result", _KEY, _BYTES, None, tree, (_BYTES,))
    began = time.process_time()
    assert sha256_of(joined, fast, lambda *_: None) == digest.hexdigest()
    proved = time.process_time() - began
    began = time.monotonic()
    for _ in slow.stream(_KEY):
        pass
    one = time.monotonic() - began
    began = time.monotonic()
    with closing(Reading(slow, _KEY)) as reading:
        for _ in reading.take(_BYTES):
            pass
    several = time.monotonic() - began
    print(
        f"\nA result is proved at {_MEGABYTES / proved:.0f} MB a CPU second. Streams of"
        f" {S3_BYTES_A_SECOND / 1e6:.0f} MB a second give {_MEGABYTES / one:.0f} MB a second one by"
        f" one, {_MEGABYTES / several:.0f} together (chunks of {CHUNK_BYTES >> 10} KiB)"
    )


if __name__ == "__main__":
    print_reading()
