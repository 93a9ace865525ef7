"""How values are written on pages: sizes, moments, states."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask
from markupsafe import Markup

from gas.domain.job import JobStatus

_COLOURS = {
    JobStatus.SUBMITTED: "secondary",
    JobStatus.RUNNING: "primary",
    JobStatus.COMPLETED: "success",
    JobStatus.FAILED: "danger",
    JobStatus.ARCHIVED: "info",
    JobStatus.RESTORING: "warning",
    JobStatus.CANCELLED: "dark",
}

_REASONS = {
    "outside_windows": "not in this demo bundle, which has only parts of the contig",
    "unknown_contig": "on a contig that the reference bundle does not have",
    "other_reference": "REF is not what the reference has there",
    "ambiguous": "ambiguous bases (IUPAC)",
    "same_as_reference": "ALT is the same as REF",
    "symbolic": "symbolic alleles",
    "telomere": "at a telomere",
}
"""Why records have no consequence, by the key in the summary."""


def size(size_bytes: int) -> str:
    """``1.4 MB`` for 1,400,000 bytes."""
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    amount = float(size_bytes)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 1000:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"


def moment(value: datetime | None) -> Markup:
    """A ``<time>`` in UTC, which ``time.js`` turns into the reader's own zone."""
    if value is None:
        return Markup("")
    shown = f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), shown)


def colour(status: JobStatus) -> str:
    """Bootstrap's colour for a status."""
    return _COLOURS[status]


def span(value: timedelta) -> str:
    """``5 minutes`` for 300 seconds."""
    seconds = int(value.total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length and seconds % length == 0:
            count = seconds // length
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{seconds} second{'s' if seconds != 1 else ''}"


def soon(seconds: float) -> str:
    """``within seconds``, ``in about 4 minutes``: as exact as an estimate may sound."""
    if seconds < 20:
        return "within seconds"
    if seconds < 90:
        return "within a minute or two"
    if seconds < 5400:
        return f"in about {round(seconds / 60)} minutes"
    return f"in about {round(seconds / 3600)} hours"


def reason(key: str) -> str:
    """Why records have no consequence, in words."""
    return _REASONS.get(key, key.replace("_", " "))


def register(app: Flask) -> None:
    """Make the filters known to templates."""
    for filter_ in (size, moment, colour, span, soon, reason):
        app.template_filter(filter_.__name__)(filter_)
