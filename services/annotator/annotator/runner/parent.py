"""The parent's side of the engine: starts the child, listens, and ends it when it must."""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from annotator import bundle as bundles
from annotator.consequences.engine import DatabaseUnusable
from annotator.processes.pipes import EngineFailed
from annotator.rejection import Rejected, too_large
from annotator.runner.children import Children, NewChildren
from annotator.runner.protocol import (
    WORD,
    Done,
    NotAsPlanned,
    Refusal,
    Tick,
    Unusable,
    Wishes,
)
from annotator.runner.warm.pool import NoWarmEngines, Pool

_MAX_COMPLAINT = 2_000
_LISTEN_SECONDS = 0.5
_TICK_SECONDS = 1.0


class Disproved(Exception):
    """The plan supposes of the file what is not so: it is to be split again, carefully."""


class Stopped(Exception):
    """The caller wanted the child to end."""


def annotate(
    task: Wishes,
    *,
    on_tick: Callable[[float, int], None],
    should_stop: Callable[[], bool],
    engines: Pool | None = None,
    children: Children | None = None,
) -> dict[str, int]:
    """Do the task in a child process; gives the counts, the results lie in ``task.folder``.

    ``on_tick`` gets the fraction done and the variants so far, about once a second. ``engines``
    are warm ones; without them the child loads its own. ``children`` may be spare processes.
    Raises Rejected, Disproved, EngineFailed, DatabaseUnusable, Stopped, or what ``on_tick`` raises;
    the child is gone then.
    """
    bundle = bundles.find(task.bundle, Path(task.bundles) if task.bundles else bundles.EMBEDDED)
    needed = engines if engines and task.needs_engine else NoWarmEngines()
    with (
        needed.using(bundle) as connector,
        (children or NewChildren()).one() as child,
    ):
        child.give(task, connector)
        return _listen(child.process, task, on_tick, should_stop)


def _listen(
    child: subprocess.Popen[bytes],
    task: Wishes,
    on_tick: Callable[[float, int], None],
    should_stop: Callable[[], bool],
) -> dict[str, int]:
    if child.stdout is None or child.stderr is None:
        raise EngineFailed("the child has no pipes")
    stdout, stderr = child.stdout, child.stderr
    lines: queue.Queue[bytes | None] = queue.Queue()
    complaint: list[bytes] = []
    listeners = [
        threading.Thread(target=_read_lines, args=(stdout, lines), daemon=True),
        threading.Thread(target=_read_tail, args=(stderr, complaint), daemon=True),
    ]
    for listener in listeners:
        listener.start()
    deadline = time.monotonic() + task.max_seconds
    last = Tick(fraction=0.0, variants=0)
    ticked_at = time.monotonic()
    while True:
        if should_stop():
            raise Stopped
        if time.monotonic() - ticked_at >= _TICK_SECONDS:
            ticked_at = time.monotonic()
            on_tick(last.fraction, last.variants)
        if time.monotonic() > deadline:
            raise too_large(f"The annotation took longer than {task.max_seconds // 60} minutes.")
        try:
            line = lines.get(timeout=_LISTEN_SECONDS)
        except queue.Empty:
            continue
        if line is None:
            child.wait()
            listeners[1].join(timeout=1)
            text = b"".join(complaint).decode("utf-8", "replace").strip()
            raise EngineFailed(f"exit status {child.returncode}: {text[-_MAX_COMPLAINT:]}")
        word = _heard(line)
        if isinstance(word, Done):
            return word.counts
        last = word


def _heard(line: bytes) -> Tick | Done:
    """A word of the child. Raises what it says that was found."""
    match WORD.validate_json(line):
        case Refusal(code=code, message=message, line=number):
            raise Rejected(code, message, number)
        case NotAsPlanned(message=message):
            raise Disproved(message)
        case Unusable(message=message):
            raise DatabaseUnusable(message)
        case word:
            return word


def _read_lines(stream: IO[bytes], lines: queue.Queue[bytes | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _read_tail(stream: IO[bytes], tail: list[bytes]) -> None:
    for line in stream:
        tail.append(line)
        del tail[:-20]
