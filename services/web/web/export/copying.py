"""DuckDB writes a file into a named pipe; what comes out is streamed to the client.

Nothing is kept: the pipe holds 64 KiB, so the query runs only as fast as the client reads.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Generator
from pathlib import Path

from duckdb import DuckDBPyConnection, Error

from web.export.deadline import TooSlow

_CHUNK_BYTES = 256 << 10
_RETRY_SECONDS = 0.05


def copied(
    connection: DuckDBPyConnection, statement: str, values: object, folder: Path, seconds: float
) -> Generator[bytes, None, None]:
    """What ``COPY (…) TO $pipe`` writes; ``statement`` has ``{pipe}`` where the path belongs.

    ``folder`` must be one of the connection's ``allowed_directories``. Closing the generator stops
    the query. Raises duckdb.Error if the query fails, and TooSlow after ``seconds``.
    """
    with tempfile.TemporaryDirectory(prefix="export-", dir=folder) as home:
        pipe = Path(home, "pipe")
        os.mkfifo(pipe, 0o600)
        # The path is ours and random, so it is no user's text; quotes are doubled all the same.
        quoted = str(pipe).replace("'", "''")
        writing = _Writing(connection, statement.replace("{pipe}", f"'{quoted}'"), values, pipe)
        timer = threading.Timer(seconds, writing.expire)
        timer.daemon = True
        timer.start()
        try:
            while chunk := writing.read():
                yield chunk
            writing.check()
        finally:
            timer.cancel()
            writing.stop()


class _Writing:
    """A COPY in a thread of its own, and the reading end of its pipe."""

    def __init__(
        self, connection: DuckDBPyConnection, statement: str, values: object, pipe: Path
    ) -> None:
        self._connection = connection
        self._pipe = pipe
        self._reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        # Held until the query ends: without a writer, reading would end before DuckDB has opened
        # the pipe, and opening would wait for ever for a query that fails before.
        self._keeper = os.open(pipe, os.O_WRONLY)
        os.set_blocking(self._reader, True)
        self._error: Error | None = None
        self._is_open = True
        self._is_late = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, args=(statement, values), daemon=True)
        self._thread.start()

    def _run(self, statement: str, values: object) -> None:
        try:
            self._connection.execute(statement, values)
        except Error as error:
            self._error = error
        finally:
            os.close(self._keeper)

    def read(self) -> bytes:
        """The next bytes; none after the end, or once it was stopped."""
        with self._lock:
            return os.read(self._reader, _CHUNK_BYTES) if self._is_open else b""

    def check(self) -> None:
        """Raise what ended the query, if it did not end by itself."""
        self._thread.join()
        if self._is_late:
            raise TooSlow
        if self._error:
            raise self._error

    def expire(self) -> None:
        """Stop the query because its time is over."""
        self._is_late = True
        self.stop()

    def stop(self) -> None:
        """Stop the query, also while it waits for the client to read. Twice is once."""
        if self._thread.is_alive():
            self._connection.interrupt()
        with self._lock:
            if self._is_open:
                # Otherwise a query that waits in the full pipe would not see the interruption.
                os.close(self._reader)
                self._is_open = False
        while self._thread.is_alive():
            # A query that had not begun has missed the interruption; it may also wait for a reader.
            self._connection.interrupt()
            os.close(os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK))
            self._thread.join(_RETRY_SECONDS)
