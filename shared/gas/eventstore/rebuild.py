"""Rebuild the projections from the event log, or compare them with it. Safe while services run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gas.aws.items import plain
from gas.eventstore.log import EventLog
from gas.eventstore.projections import ProjectionTables, folded, stream_of
from gas.eventstore.repository import BROKEN_STREAM
from gas.eventstore.rows import Row, version_of

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
        written += bool(row and (tables.put(row) or _put_back(log, tables, row)))
    deleted = 0
    for row in tables.rows():
        # Read after the row was listed: events are committed no later than their row.
        if not log.stored(stream_of(row)):
            tables.delete(row)
            deleted += 1
    return written, deleted


def _put_back(log: EventLog, tables: ProjectionTables, row: Row) -> bool:
    """Write a row that refused an older version, if the log is older than it.

    Then the log was restored to an earlier time, and the row tells of events that are lost.
    """
    found = tables.get(row)
    # Read after the row: events are committed no later than their row, unless they are lost.
    current = folded(log, stream_of(row))
    if found is None or current is None:
        return False
    if version_of(found) <= version_of(current.item):
        return False  # a service has appended meanwhile, and wrote the row itself
    return tables.put_back(current, instead_of=version_of(found))


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
        # By value: DynamoDB returns the number 1.0 as 1.
        if found is not None and plain(found) == plain(row.item):
            return None
        if found is None:
            what = "the row is missing"
        else:
            wanted, has = plain(row.item), plain(found)
            names = sorted(name for name in {*wanted, *has} if wanted.get(name) != has.get(name))
            what = f"the row differs in {', '.join(names)}"
    return what
