"""DuckDB on files of one folder: read only, bounded in memory, time and number, cancellable."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from web.variants.sql import Value
from web.variants.turns import Turns, held

_FETCH = 5_000
_AGAIN_SECONDS = 0.05
_MOST_FILES = 8
"""Of so many files the metadata are kept: 7 MB of a file of five million rows."""
_OF_A_FILE = (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException)


class TooLong(Exception):
    """The question took longer than allowed."""


class TooLarge(Exception):
    """The question needed more memory than allowed."""


class TooBusy(Exception):
    """Too many questions are being answered, and this one waited as long as it may."""


class Superseded(Exception):
    """A newer question of the same view replaced this one."""


class Unreadable(Exception):
    """The file is no Parquet file, or is damaged; the message is DuckDB's."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``memory`` as DuckDB writes it (``200MB``); times in seconds.

    ``at_once`` questions, beside them ``slow_at_once`` that have run for ``patience_seconds``, and
    ``long_at_once`` of those with a time limit of their own.
    """

    memory: str = "200MB"
    threads: int = 2
    seconds: float = 20.0
    at_once: int = 2
    slow_at_once: int = 2
    patience_seconds: float = 2.0
    long_at_once: int = 2
    wait_seconds: float = 20.0


@dataclass(slots=True)
class Session:
    """One question's connection. It stops at its time limit, or when a newer one replaces it."""

    cursor: duckdb.DuckDBPyConnection
    is_superseded: bool = False
    is_late: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_over: bool = False

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """All rows of the answer. Raises what ``stream`` does."""
        with self._translated():
            return self.cursor.execute(sql, list(values)).fetchall()

    def stream(
        self, sql: str, values: Sequence[Value] = (), size: int = _FETCH
    ) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of the answer, up to ``size`` at a time; memory does not grow with them.

        Raises TooLong, TooLarge, Superseded, Unreadable.
        """
        with self._translated():
            self.cursor.execute(sql, list(values))
            while found := self.cursor.fetchmany(size):
                yield found

    def describe(self, sql: str, values: Sequence[Value] = ()) -> dict[str, str]:
        """The columns of the answer, each with DuckDB's type."""
        with self._translated():
            found = self.cursor.execute(sql, list(values)).description or []
        return {str(column[0]): str(column[1]) for column in found}

    def supersede(self) -> None:
        """Stop, since a newer question came."""
        self.is_superseded = True
        self._interrupt()

    def expire(self) -> None:
        """Stop, since the time is over."""
        self.is_late = True
        self._interrupt()

    def _interrupt(self) -> None:
        with self._lock:
            if self._is_over:
                return
            self.cursor.interrupt()
        # DuckDB forgets an interrupt that comes just before a statement begins, so once is not
        # enough.
        again = threading.Timer(_AGAIN_SECONDS, self._interrupt)
        again.daemon = True
        again.start()

    def end(self) -> None:
        """Close the connection; it can no longer be stopped."""
        with self._lock:
            self._is_over = True
            self.cursor.close()

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        # An interrupt between two statements stops neither, so it is looked for before each.
        self._check()
        try:
            yield
        except duckdb.InterruptException:
            self._check()
            raise
        except duckdb.OutOfMemoryException as error:
            raise TooLarge(str(error)) from error
        except duckdb.Error as error:
            # Of a damaged page DuckDB says no more than that; our own mistakes have other classes.
            if type(error) is duckdb.Error or isinstance(error, _OF_A_FILE):
                raise Unreadable(str(error)) from error
            raise

    def _check(self) -> None:
        if self.is_superseded:
            raise Superseded
        if self.is_late:
            raise TooLong


class Engine:
    """One DuckDB for all files below ``folder``; nothing else can be read or written by it."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder, self._limits = folder, limits
        # Few at once: twenty would share two cores and hold the memory of twenty.
        self._quick, self._slow = Turns(limits.at_once), Turns(limits.slow_at_once)
        self._long = Turns(limits.long_at_once)
        self._lock = threading.Lock()
        self._by_view: dict[str, Session] = {}
        self._database: duckdb.DuckDBPyConnection | None = None
        self._files: set[str] = set()

    @contextlib.contextmanager
    def session(
        self, view: str | None = None, seconds: float | None = None, file: str = ""
    ) -> Iterator[Session]:
        """A connection; with another time limit of ``seconds`` it is counted apart.

        So exports, which take minutes, never keep questions waiting.

        A newer session of the same ``view`` stops this one. ``file`` names the file that is asked.
        Raises TooBusy.
        """
        session = Session(self._connected(file).cursor())
        self._replace(view, session)
        try:
            with self._turn(seconds), _timer(session, seconds or self._limits.seconds):
                yield session
        finally:
            self._forget(view, session)
            session.end()

    @contextlib.contextmanager
    def _turn(self, seconds: float | None) -> Iterator[None]:
        """Waits for a turn. A question that takes long does not keep the others waiting."""
        limits = self._limits
        turns = self._quick if seconds is None else self._long
        if not turns.take(limits.wait_seconds):
            raise TooBusy
        # What is long anyway has nowhere to step aside to.
        slow = self._slow if seconds is None else self._long
        with held(turns, slow, limits.patience_seconds):
            yield

    def _connected(self, file: str) -> duckdb.DuckDBPyConnection:
        # At the first question: a server that forks its workers must not have DuckDB's threads.
        with self._lock:
            if file not in self._files and len(self._files) >= _MOST_FILES:
                # DuckDB forgets no metadata; sessions that are open keep the old database.
                self._database = None
                self._files.clear()
            self._files.add(file)
            if self._database is None:
                self._database = _database(self._folder, self._limits)
            return self._database

    def _replace(self, view: str | None, session: Session) -> None:
        if view is None:
            return
        with self._lock:
            older = self._by_view.get(view)
            self._by_view[view] = session
        if older:
            older.supersede()

    def _forget(self, view: str | None, session: Session) -> None:
        with self._lock:
            if view is not None and self._by_view.get(view) is session:
                del self._by_view[view]


@contextlib.contextmanager
def _timer(session: Session, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, session.expire)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _database(folder: Path, limits: Limits) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect(
        ":memory:",
        config={
            "threads": str(limits.threads),
            "memory_limit": limits.memory,
            # Of its own: an older database may still spill, and so may another process.
            "temp_directory": str(folder / f".spill-{uuid4().hex}"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "true",
        },
    )
    where = str(folder.resolve()).replace("'", "''")
    # GLOBAL: else it would hold for this connection alone, and each question asks through another.
    database.execute("SET GLOBAL parquet_metadata_cache = true")
    database.execute(f"SET allowed_directories = ['{where}/']")
    database.execute("SET enable_external_access = false")
    # After this not even our own SQL can widen what is allowed.
    database.execute("SET lock_configuration = true")
    return database
