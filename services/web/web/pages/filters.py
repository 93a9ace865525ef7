"""Template filters: how sizes, times and statuses are written on pages."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask
from markupsafe import Markup

from web.live.words import rough_wait

_REASONS = {
    "outside_windows": "not in this demo bundle, which has only parts of the contig",
    "unknown_contig": "on a contig that the reference bundle does not have",
    "other_reference": "REF is not what the reference has there",
    "ambiguous": "ambiguous bases (IUPAC)",
    "same_as_reference": "ALT is the same as REF",
    "symbolic": "symbolic alleles",
    "telomere": "at a telomere",
    "off_contig": "POS is beyond the end of the contig",
    "unreadable_allele": "REF or ALT cannot be read as alleles",
    "not_a_sequence": "an allele has unknown bases (N)",
    "reference_not_known_there": "the reference has unknown bases (N) there",
    "past_end_of_contig": "an allele reaches beyond the end of the contig",
    "engine_failed": "the consequence engine failed on the record",
}
"""Why records have no consequence, by the key in the summary."""


def size(size_bytes: int) -> str:
    """``1.4 MB`` for 1,400,000 bytes; decimal units."""
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    amount = float(size_bytes)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 1000:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"


def timestamp(value: datetime | None) -> Markup:
    """A ``<time>`` element in UTC, which pages show in the reader's zone."""
    if value is None:
        return Markup("")
    text = f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)


def duration(value: timedelta) -> str:
    """``5 minutes`` for 300 seconds: in the largest unit that divides it."""
    seconds = int(value.total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length and seconds % length == 0:
            count = seconds // length
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{seconds} second{'s' if seconds != 1 else ''}"


def reason(key: str) -> str:
    """Why records have no consequence, in words."""
    return _REASONS.get(key, key.replace("_", " "))


def asking(address: str, question: str) -> str:
    """The address with that question, which is encoded, behind what it may have already."""
    if not question:
        return address
    return f"{address}{'&' if '?' in address else '?'}{question}"


def register(app: Flask) -> None:
    """Register the filters for the templates, under their functions' names."""
    for filter_ in (size, timestamp, duration, rough_wait, reason, asking):
        app.template_filter(filter_.__name__)(filter_)
