"""Ids that sort by time of creation: UUID version 7 (RFC 9562)."""

from datetime import UTC, datetime
from uuid import UUID

from uuid6 import uuid7

# Bits of a UUIDv7 below its timestamp; the version is in bits 76-79, the variant in bits 62-63.
_TIMESTAMP_SHIFT = 80


def new_id() -> str:
    """A new UUIDv7 as text of 36 characters; text order is time order, to the millisecond.

    Ids that one process makes in the same millisecond get timestamps one millisecond apart, so its
    ids can be ahead of the clock.
    """
    return str(uuid7())


def first_id_at(moment: datetime) -> str:
    """The smallest UUIDv7, as text, of the millisecond of ``moment``: a bound for range queries."""
    milliseconds = int(moment.timestamp() * 1000)
    return str(UUID(int=(milliseconds << _TIMESTAMP_SHIFT) | (7 << 76) | (2 << 62)))


def time_of_id(id: str) -> datetime | None:
    """When the UUIDv7 was made, to the millisecond; None for any other text."""
    try:
        found = UUID(id)
    except ValueError:
        return None
    if found.version != 7:
        return None
    return datetime.fromtimestamp((found.int >> _TIMESTAMP_SHIFT) / 1000, UTC)
