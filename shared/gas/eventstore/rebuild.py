"""Rebuild the projections from the event log, or compare them with it. Safe while services run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gas.eventstore.log import EventLog
from gas.eventstore.projections import ProjectionTables, folded, stream_of
from gas.eventstore.repository import BROKEN_STREAM

# A difference counts if it is seen so often: a stream may grow between two reads.
_COMPARISONS = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that differs from the fold of its stream; ``what`` is the difference, as text."""

    stream: str
    what: str


def rebuild(
    log: EventLog, tables: ProjectionTables, skipped: Callable[[Difference], object]
) -> tuple[int, int]:
    """Write every row from the log, and delete rows of streams without events.

    Returns the numbers of rows written and deleted. ``skipped`` is called for each stream whose
    events cannot be read; its row stays as it is.
    """
    written = 0
    for stream in log.streams():
        try:
            row = folded(log, stream)
        except BROKEN_STREAM as fault:
            skipped(_unreadable(stream, fault))
            continue
        written += bool(row and tables.put(row))
    deleted = 0
    for row in tables.rows():
        # Read after the row was listed: events are committed no later than their row.
        if not log.stored(stream_of(row)):
            tables.delete(row)
            deleted += 1
    return written, deleted


def verify(log: EventLog, tables: ProjectionTables) -> Iterator[Difference]:
    """Every row that differs from the fold of its stream, is missing, or has no events.

    So is every stream whose events cannot be read.
    """
    for stream in log.streams():
        try:
            what = _difference(log, tables, stream)
        except BROKEN_STREAM as fault:
            yield _unreadable(stream, fault)
            continue
        if what:
            yield Difference(stream, what)
    for row in tables.rows():
        if not log.stored(stream_of(row)):
            yield Difference(stream_of(row), "the row has no events")


def _unreadable(stream: str, fault: Exception) -> Difference:
    return Difference(stream, f"its events cannot be read: {fault}")


def _difference(log: EventLog, tables: ProjectionTables, stream: str) -> str | None:
    what = None
    for _ in range(_COMPARISONS):
        row = folded(log, stream)
        if row is None:
            return None
        found = tables.get(row)
        if found == row.item:
            return None
        if found is None:
            what = "the row is missing"
        else:
            names = sorted(
                name for name in {*row.item, *found} if row.item.get(name) != found.get(name)
            )
            what = f"the row differs in {', '.join(names)}"
    return what
