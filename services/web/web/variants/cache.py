"""Copies of ``variants.parquet`` on this task's disk: of bounded size, each fetched once.

The name of a copy is the SHA-256 of its content, so a copy is never out of date. Locks are files,
so that processes that share the folder share the copies too.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog

from gas.events import ResultFile
from gas.files.bucket import Files

logger = structlog.get_logger()
_SUFFIX, _PART = ".parquet", ".part"


class BadCopy(Exception):
    """What was copied is not what the job's event says: size or SHA-256 differ."""


class StillCopying(Exception):
    """The file is not here yet; ``fraction`` of it is, from 0 to 1."""

    def __init__(self, fraction: float) -> None:
        super().__init__(f"{fraction:.0%} copied")
        self.fraction = fraction


@dataclass(frozen=True, slots=True)
class Room:
    """The folder of the copies and the most bytes in it."""

    folder: Path
    most_bytes: int


class VariantCache:
    """Opens a result file from the bucket as a local one."""

    def __init__(self, files: Files, room: Room) -> None:
        self._files, self._room = files, room
        self._lock = threading.Lock()
        self._copying: dict[str, threading.Thread] = {}
        self._faults: dict[str, Exception] = {}
        room.folder.mkdir(parents=True, exist_ok=True)
        for part in room.folder.glob(f"*{_PART}"):
            _delete_unused(part)  # of a process that died

    @contextlib.contextmanager
    def open(self, file: ResultFile, wait_seconds: float) -> Iterator[Path]:
        """The file's copy, which stays until the block ends.

        Raises StillCopying if it is not here after ``wait_seconds``; NoSuchFile; BadCopy.
        """
        deadline = time.monotonic() + wait_seconds
        while True:
            with self._held(self._path(file)) as path:
                if path:
                    yield path
                    return
            self._wait(file, deadline)

    def fraction(self, file: ResultFile) -> float:
        """How much of the file is here, from 0 to 1."""
        path = self._path(file)
        for candidate in (path, path.with_suffix(_PART)):
            with contextlib.suppress(OSError):
                return min(1.0, candidate.stat().st_size / max(1, file.size_bytes))
        return 0.0

    def drop(self, file: ResultFile) -> None:
        """Forget the copy, since it cannot be read; the next ``open`` fetches it again."""
        self._path(file).unlink(missing_ok=True)

    def _path(self, file: ResultFile) -> Path:
        return self._room.folder / f"{file.sha256}{_SUFFIX}"

    @contextlib.contextmanager
    def _held(self, path: Path) -> Iterator[Path | None]:
        """The path under a shared lock, which keeps it from being deleted; None if not there."""
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            yield None
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            # It may have been deleted between the two calls.
            is_there = os.fstat(handle).st_nlink > 0
            if is_there:
                _mark_used(handle)
            yield path if is_there else None
        finally:
            os.close(handle)

    def _wait(self, file: ResultFile, deadline: float) -> None:
        """Wait for the copy that this or another thread makes."""
        with self._lock:
            fault = self._faults.pop(file.sha256, None)
            if fault:
                raise fault
            thread = self._copying.get(file.sha256)
            if thread is None or not thread.is_alive():
                thread = threading.Thread(target=self._copy, args=(file,), daemon=True)
                self._copying[file.sha256] = thread
                thread.start()
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            raise StillCopying(self.fraction(file))

    def _copy(self, file: ResultFile) -> None:
        try:
            self._fetch(file)
        except Exception as error:
            with self._lock:
                self._faults[file.sha256] = error
        finally:
            with self._lock:
                self._copying.pop(file.sha256, None)

    def _fetch(self, file: ResultFile) -> None:
        path = self._path(file)
        part = path.with_suffix(_PART)
        while not path.exists():
            with part.open("ab") as target:
                # Another process may be copying the same file: wait for it, then look again. What
                # was opened before it was renamed or deleted is of no use any more.
                fcntl.flock(target, fcntl.LOCK_EX)
                if path.exists():
                    part.unlink(missing_ok=True)
                    return
                if os.fstat(target.fileno()).st_nlink == 0:
                    continue
                target.truncate(0)
                self._make_room(file.size_bytes)
                try:
                    _copy(self._files.stream(file.key), target, file)
                except BaseException:
                    part.unlink(missing_ok=True)
                    raise
                part.rename(path)
                logger.info("variants copied", key=file.key, size_bytes=file.size_bytes)

    def _make_room(self, wanted: int) -> None:
        """Delete the least recently used copies until there is room; none that is in use."""
        kept = sorted(self._room.folder.glob(f"*{_SUFFIX}"), key=_last_used)
        left = sum(_size(path) for path in kept) + wanted
        for path in kept:
            if left <= self._room.most_bytes:
                return
            left -= _delete_unused(path)


def _copy(chunks: Iterable[bytes], target: BinaryIO, file: ResultFile) -> None:
    """Write the chunks. Raises BadCopy if they are not what the event says."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        target.write(chunk)
    target.flush()
    if size != file.size_bytes or digest.hexdigest() != file.sha256:
        raise BadCopy(f"{file.key} has {size} bytes and another SHA-256 than its event")


def _delete_unused(path: Path) -> int:
    """Delete the file unless somebody uses it; returns the bytes that became free."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return 0
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        size = os.fstat(handle).st_size
        path.unlink(missing_ok=True)
    except BlockingIOError:
        return 0
    else:
        return size
    finally:
        os.close(handle)


def _mark_used(handle: int) -> None:
    """Note that the file is used now, for `_make_room`.

    Not as the time of a change: DuckDB would read the file's metadata anew at each question.
    """
    os.utime(handle, ns=(time.time_ns(), os.fstat(handle).st_mtime_ns))


def _last_used(path: Path) -> float:
    try:
        return path.stat().st_atime
    except FileNotFoundError:
        return 0.0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
