"""Rebuild the projections from the event log, or compare them with it. Safe while services run.

The log is read once from end to end, which has the events of a stream together, and rows are
read a hundred at a time. What differs is read again by itself: a stream may have grown meanwhile.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from gas.aws.items import Item, plain
from gas.events import CATALOGUE
from gas.eventstore.log import EventLog
from gas.eventstore.log_sweep import StreamPart, stream_pages
from gas.eventstore.projections import (
    TABLES,
    ProjectionTables,
    folded,
    row_of,
    stream_of,
)
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


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many rows were ``written``, were right as they were, and were ``deleted``."""

    written: int
    unchanged: int
    deleted: int


Report = Callable[[Difference], object]


def rebuild(
    log: EventLog, tables: ProjectionTables, skipped: Report, sweep: Sweep | None = None
) -> Rebuilt:
    """Write every row that differs from the log, and delete rows of streams without events.

    ``skipped`` is called for each stream whose events cannot be read; its row stays as it is.
    """
    counts: Counter[str] = Counter()
    lock = threading.Lock()

    def report(difference: Difference) -> None:
        with lock:
            skipped(difference)

    def write(parts: Sequence[StreamPart]) -> None:
        rows = _rows(log, parts, report)
        different = _different(tables, rows)
        written = [tables.put(row) or _put_back(log, tables, row) for _, row in different]
        with lock:
            counts["written"] += sum(written)
            counts["unchanged"] += len(rows) - len(different)

    def delete(row: Row) -> None:
        tables.delete(row)
        with lock:
            counts["deleted"] += 1

    sweep = sweep or Sweep()
    sweep.over("streams", stream_pages(log), write)
    for table in TABLES:
        sweep.over(table, partial(tables.row_page, table), _without_events(log, delete))
    return Rebuilt(counts["written"], counts["unchanged"], counts["deleted"])


def _without_events(
    log: EventLog, handle: Callable[[Row], object]
) -> Callable[[Sequence[Row]], None]:
    """Calls ``handle`` for each row whose stream has no events."""

    def look(rows: Sequence[Row]) -> None:
        # Read after the row was listed: events are committed no later than their row.
        begun = log.begun([stream_of(row) for row in rows])
        for row in rows:
            # A stream that lost its first event only is damaged, not empty.
            if stream_of(row) not in begun and not log.stored(stream_of(row)):
                handle(row)

    return look


def _rows(log: EventLog, parts: Sequence[StreamPart], unreadable: Report) -> list[tuple[str, Row]]:
    """The stream and the row of each part; a stream that cannot be read is reported."""
    rows = []
    for part in parts:
        try:
            row = _row(log, part)
        except BROKEN_STREAM as fault:
            unreadable(_unreadable(part.stream, fault))
            continue
        if row is not None:
            rows.append((part.stream, row))
    return rows


def _row(log: EventLog, part: StreamPart) -> Row | None:
    if not part.is_whole:
        return folded(log, part.stream)
    return row_of(part.stream, [CATALOGUE.parse(entry.text) for entry in part.events])


def _different(tables: ProjectionTables, rows: list[tuple[str, Row]]) -> list[tuple[str, Row]]:
    found = tables.get_all([row for _, row in rows])
    return [(stream, row) for stream, row in rows if not _is_same(found.get(row.id), row)]


def _is_same(found: Item | None, row: Row) -> bool:
    # By value if need be: DynamoDB returns the number 1.0 as 1.
    return found is not None and (found == row.item or plain(found) == plain(row.item))


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
    log: EventLog, tables: ProjectionTables, report: Report, sweep: Sweep | None = None
) -> None:
    """Report every row that differs from the fold of its stream, is missing, or has no events.

    So is every stream whose events cannot be read.
    """
    lock = threading.Lock()

    def found(difference: Difference) -> None:
        with lock:
            report(difference)

    def compare(parts: Sequence[StreamPart]) -> None:
        for stream, _ in _different(tables, _rows(log, parts, found)):
            try:
                what = _difference(log, tables, stream)
            except BROKEN_STREAM as fault:
                what = _unreadable(stream, fault).what
            if what:
                found(Difference(stream, what))

    sweep = sweep or Sweep()
    sweep.over("streams", stream_pages(log), compare)
    has_none = _without_events(
        log, lambda row: found(Difference(stream_of(row), "the row has no events"))
    )
    for table in TABLES:
        sweep.over(table, partial(tables.row_page, table), has_none)


def _unreadable(stream: str, fault: Exception) -> Difference:
    return Difference(stream, f"its events cannot be read: {fault}")


def _difference(log: EventLog, tables: ProjectionTables, stream: str) -> str | None:
    what = None
    for _ in range(_COMPARISONS):
        row = folded(log, stream)
        if row is None:
            return None
        found = tables.get(row)
        if _is_same(found, row):
            return None
        if found is None:
            what = "the row is missing"
        else:
            wanted, has = plain(row.item), plain(found)
            names = sorted(name for name in {*wanted, *has} if wanted.get(name) != has.get(name))
            what = f"the row differs in {', '.join(names)}"
    return what
