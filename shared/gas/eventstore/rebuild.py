"""Rebuild the projections from the event log, or compare them with it. Safe while services run."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from gas.aws.items import plain
from gas.eventstore.log import EventLog
from gas.eventstore.projections import TABLES, ProjectionTables, folded, stream_of
from gas.eventstore.repository import BROKEN_STREAM
from gas.eventstore.rows import Row, version_of
from gas.eventstore.sweep import Sweep

# A difference counts if it is seen so often: a stream may grow between two reads.
_COMPARISONS = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that differs from the fold of its stream; ``what`` is the difference, as text."""

    stream: str
    what: str


def rebuild(
    log: EventLog,
    tables: ProjectionTables,
    skipped: Callable[[Difference], object],
    sweep: Sweep | None = None,
) -> tuple[int, int]:
    """Write every row from the log, and delete rows of streams without events.

    Returns the numbers of rows written and deleted. ``skipped`` is called for each stream whose
    events cannot be read; its row stays as it is.
    """
    counts: Counter[str] = Counter()
    lock = threading.Lock()

    def write(stream: str) -> None:
        try:
            row = folded(log, stream)
        except BROKEN_STREAM as fault:
            with lock:
                skipped(_unreadable(stream, fault))
            return
        is_written = row is not None and (tables.put(row) or _put_back(log, tables, row))
        with lock:
            counts["written"] += is_written

    def delete_if_empty(row: Row) -> None:
        # Read after the row was listed: events are committed no later than their row.
        if not log.stored(stream_of(row)):
            tables.delete(row)
            with lock:
                counts["deleted"] += 1

    # A sweep of its own each time: it remembers how far it is.
    sweep = sweep or Sweep()
    sweep.over("streams", log.stream_page, write)
    for table in TABLES:
        sweep.over(table, partial(tables.row_page, table), delete_if_empty)
    return counts["written"], counts["deleted"]


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


def verify(
    log: EventLog,
    tables: ProjectionTables,
    report: Callable[[Difference], object],
    sweep: Sweep | None = None,
) -> None:
    """Report every row that differs from the fold of its stream, is missing, or has no events.

    So is every stream whose events cannot be read.
    """
    lock = threading.Lock()

    def found(stream: str, what: str) -> None:
        with lock:
            report(Difference(stream, what))

    def compare(stream: str) -> None:
        try:
            what = _difference(log, tables, stream)
        except BROKEN_STREAM as fault:
            what = _unreadable(stream, fault).what
        if what:
            found(stream, what)

    def look_for_events(row: Row) -> None:
        if not log.stored(stream_of(row)):
            found(stream_of(row), "the row has no events")

    sweep = sweep or Sweep()
    sweep.over("streams", log.stream_page, compare)
    for table in TABLES:
        sweep.over(table, partial(tables.row_page, table), look_for_events)


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
