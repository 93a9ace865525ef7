"""Rebuild the projection rows from the event log, or compare them with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gas.eventstore.log import EventLog
from gas.eventstore.projections import ProjectionTables, folded, stream_of

_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the log says. ``what`` says how, for a person."""

    stream: str
    what: str


def rebuild(log: EventLog, tables: ProjectionTables) -> tuple[int, int]:
    """Write every row from the log, and drop rows that no stream accounts for.

    Safe while the services run. Gives the numbers of rows written and dropped.
    """
    written = 0
    for stream in log.streams():
        row = folded(log, stream)
        written += bool(row and tables.put(row))
    dropped = 0
    for row in tables.rows():
        if not log.read(stream_of(row)):
            tables.delete(row)
            dropped += 1
    return written, dropped


def verify(log: EventLog, tables: ProjectionTables) -> Iterator[Difference]:
    """Every row that differs from the fold of its stream, lacks, or should not be there."""
    for stream in log.streams():
        if complaint := _compare(log, tables, stream):
            yield Difference(stream, complaint)
    for row in tables.rows():
        if not log.read(stream_of(row)):
            yield Difference(stream_of(row), "the row has no events")


def _compare(log: EventLog, tables: ProjectionTables, stream: str) -> str | None:
    complaint = None
    for _ in range(_LOOKS):  # a stream that grows between two reads is no difference
        row = folded(log, stream)
        if row is None:
            return None
        found = tables.get(row)
        if found == row.item:
            return None
        if found is None:
            complaint = "the row is missing"
        else:
            names = sorted(
                name for name in {*row.item, *found} if row.item.get(name) != found.get(name)
            )
            complaint = f"the row differs in {', '.join(names)}"
    return complaint
