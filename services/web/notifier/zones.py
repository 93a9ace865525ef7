"""Times in the reader's zone."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_of(name: str) -> tzinfo:
    """The zone with that IANA name; UTC for none, or one that is not known here."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder, a name too long
        return UTC


def local_time(moment: datetime, zone: str) -> str:
    """``14 March 2026, 16:05 CET`` for a profile with that zone."""
    here = moment.astimezone(zone_of(zone))
    name = here.tzname() or ""
    # Some zones have no letters of their own: 16:05 UTC+05.
    name = f"UTC{name}" if name[:1] in {"+", "-"} else name
    return f"{here.day} {here:%B %Y, %H:%M} {name}"
