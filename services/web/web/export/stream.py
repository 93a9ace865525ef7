"""The body of an answer whose work ends with it."""

from __future__ import annotations

import contextlib
from collections.abc import Generator


class Stream:
    """Chunks of bytes; ``close`` stops the work behind them, also before the last one.

    The first chunk is made at once, so that what fails early is a problem and no broken file.
    """

    def __init__(self, chunks: Generator[bytes, None, None]) -> None:
        self._chunks, self._resources = chunks, contextlib.ExitStack()
        self._first: bytes | None = next(chunks, b"")

    def keep(self, resources: contextlib.ExitStack) -> None:
        """Close these too, after the work has stopped."""
        self._resources = resources

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> bytes:
        if self._first is not None:
            chunk, self._first = self._first, None
            return chunk
        try:
            return next(self._chunks)
        except BaseException:  # also StopIteration: the end of the file frees what it used
            self.close()
            raise

    def close(self) -> None:
        """Stop the work and free what it used. The server calls it when the client is gone."""
        self._chunks.close()
        self._resources.close()
