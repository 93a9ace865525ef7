"""Identifiers that sort by the time they were made: UUID version 7 (RFC 9562)."""

from datetime import datetime
from uuid import UUID

from uuid6 import uuid7

_TIMESTAMP_SHIFT = 80


def new_id() -> str:
    """A new UUIDv7 as its 36-character text; text order is time order, to the millisecond.

    A process that makes more than one in a millisecond runs ahead of the clock: each is a
    millisecond later than the last.
    """
    return str(uuid7())


def first_id_at(moment: datetime) -> str:
    """The smallest UUIDv7 text of the millisecond of ``moment``; a bound for range queries."""
    milliseconds = int(moment.timestamp() * 1000)
    return str(UUID(int=(milliseconds << _TIMESTAMP_SHIFT) | (7 << 76) | (2 << 62)))
