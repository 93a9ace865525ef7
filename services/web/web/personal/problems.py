"""The problems of personal data that callers see."""

from __future__ import annotations

from typing import Any

from web.problems import Problem


def conflict(current: dict[str, Any] | None, version: int) -> Problem:
    """409: somebody else wrote in between. ``current`` is what is stored now, None if nothing."""
    now = f"version {current['version']}" if current else "deleted"
    return Problem(
        409,
        "version-conflict",
        "Changed by somebody else",
        f"Your change is of version {version}, and another tab or program was first: it is now"
        f" {now}. Nothing was overwritten. See “current”, and send your change with its version.",
        current=current,
    )


def limit_reached(most: int, what: str) -> Problem:
    """409: the user has as many as are allowed."""
    return Problem(
        409,
        "limit-reached",
        "You have as many as are allowed",
        f"At most {most:,} {what} are kept. Delete what you no longer need, then try again.",
        limit=most,
    )


def missing(what: str) -> Problem:
    """404: the user has no such thing."""
    return Problem(404, "not-found", "Not found", f"You have no {what} with this id.")
