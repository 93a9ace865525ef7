"""Versions of bundles as operators see them: what new jobs get, what is retired, what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gas.eventstore.repository import BROKEN_STREAM, BUNDLE
from gas.files.published import unfinished
from web.bundles import BundleList, DescribedBundle
from web.operation.sources import Sources

State = Literal["offered", "older", "retired", "unfinished"]
_MOST_RETIRED = 50  # whose acts are looked up


@dataclass(frozen=True, slots=True)
class BundleLine:
    """A version; ``at`` is when it was published, or the last file of an unfinished one was stored.

    One that ``is_installed`` comes with this release and not from the bucket. ``by`` and ``reason``
    are of the retirement; a command leaves no ``by``.
    """

    id: str
    state: State
    title: str = ""
    engine: str = ""
    at: datetime | None = None
    is_installed: bool = False
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Bundles:
    """All versions in the order in which users see them; ``has_bucket`` if any can be published."""

    lines: tuple[BundleLine, ...]
    has_bucket: bool


def bundles(sources: Sources) -> Bundles:
    """Every version. Raises an AwsError."""
    listed, files = sources.offered.now(), sources.offered.files
    retired = [one.id for one in listed if one.retired][:_MOST_RETIRED]
    acts = {bundle_id: _retired_by(bundle_id, sources) for bundle_id in retired}
    lines = [_line(one, listed, acts.get(one.id, "")) for one in listed]
    begun = unfinished(files).items() if files else ()
    lines += [BundleLine(bundle_id, "unfinished", at=at) for bundle_id, at in begun]
    return Bundles(tuple(lines), files is not None)


def _line(one: DescribedBundle, listed: BundleList, by: str) -> BundleLine:
    offered = {found.id for found in listed.offered}
    state: State = "retired" if one.retired else "offered" if one.id in offered else "older"
    return BundleLine(
        one.id,
        state,
        one.title,
        one.engine or "",
        one.published_at,
        one.published_at is None,
        by,
        one.retired_because,
    )


def _retired_by(bundle_id: str, sources: Sources) -> str:
    """Who retired it, as the log has it; a command leaves nothing there."""
    try:
        found = BUNDLE.fold(sources.log.read(f"bundle/{bundle_id}"))
    except BROKEN_STREAM:
        return ""
    return found.last.user_id if found else ""
