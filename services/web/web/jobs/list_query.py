"""A question to a list of jobs: what is searched, how it is sorted, and where a page begins."""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gas.domain.job import JobStatus
from gas.tables.job_list import ListedJob
from gas.tables.jobs import BadCursor
from web.jobs.listing import Listing

MAX_SEARCH_CHARACTERS = 255
_MOST_VIEWS = 20  # of one list
_MAX_CURSOR_CHARACTERS = 2_000


class Sort(StrEnum):
    """How a list is sorted; a minus turns it around. Equal ones are newest first."""

    NEWEST = "-submitted"
    OLDEST = "submitted"
    NAME = "name"
    NAME_DOWN = "-name"
    SMALLEST = "size"
    LARGEST = "-size"


_KEYS: dict[str, Callable[[ListedJob], Any]] = {
    "submitted": lambda job: job.job_id,
    "name": lambda job: job.filename.casefold(),
    "size": lambda job: job.size_bytes,
}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which jobs of a list are asked for; the empty question asks for all, newest first.

    ``text`` is part of the file's name or of a tag, in upper or lower case. ``bundle`` is what was
    asked for, or the name of what the job ran on.
    """

    text: str = ""
    status: JobStatus | None = None
    bundle: str = ""
    tag: str = ""
    sort: Sort = Sort.NEWEST

    @property
    def is_filtered(self) -> bool:
        """True if not all jobs are asked for."""
        return bool(self.text or self.status or self.bundle or self.tag)


@dataclass(frozen=True, slots=True)
class ListPage:
    """Jobs of a list in the question's order; ``cursor`` leads to the next page, None at the end.

    ``total`` is how many jobs match. ``by_status`` counts what matches all but the status, and
    ``by_bundle`` all but the bundle: a job whose bundle was found counts there and at ``auto``.
    ``is_complete`` is False where the oldest were not searched.
    """

    jobs: tuple[ListedJob, ...]
    cursor: str | None
    total: int
    by_status: Mapping[JobStatus, int]
    by_bundle: Mapping[str, int]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class _View:
    jobs: list[ListedJob]
    keys: list[tuple[Any, str]]
    by_status: Mapping[JobStatus, int]
    by_bundle: Mapping[str, int]


Tags = Mapping[str, tuple[str, ...]]
"""The tags of jobs, by the jobs' ids."""


def page_of(
    listing: Listing, query: ListQuery, tags: Tags, limit: int, cursor: str | None
) -> ListPage:
    """Up to ``limit`` jobs. Raises BadCursor."""
    view = _view(listing, query, tags)
    begin = _begin(view, query, cursor) if cursor else 0
    shown = view.jobs[begin : begin + limit]
    more = begin + limit < len(view.jobs)
    return ListPage(
        tuple(shown),
        _cursor(view.keys[begin + limit - 1]) if more else None,
        len(view.jobs),
        view.by_status,
        view.by_bundle,
        listing.is_complete,
    )


def _view(listing: Listing, query: ListQuery, tags: Tags) -> _View:
    """What the question finds; kept beside the list, since pages and polls ask it again."""
    needs_tags = query.text or query.tag
    key = (query, tuple(tags.items()) if needs_tags else ())
    known = listing.views.get(key)
    if isinstance(known, _View):
        return known
    view = _made(listing, query, tags)
    if len(listing.views) >= _MOST_VIEWS:
        listing.views.clear()
    listing.views[key] = view
    return view


def _made(listing: Listing, query: ListQuery, tags: Tags) -> _View:
    text = query.text.casefold()
    found = [
        job
        for job in listing.jobs.values()
        if (not query.tag or query.tag in tags.get(job.job_id, ()))
        and (not text or _has(job, text, tags))
    ]
    of_bundle = [job for job in found if not query.bundle or query.bundle in job.bundles]
    of_status = [job for job in found if not query.status or job.status is query.status]
    jobs = [job for job in of_bundle if not query.status or job.status is query.status]
    jobs.reverse()  # newest first, so that a stable sort leaves equal ones in that order
    name, is_down = query.sort.removeprefix("-"), query.sort.startswith("-")
    value = _KEYS[name]
    if query.sort is not Sort.NEWEST:
        jobs.sort(key=value, reverse=is_down)
    return _View(
        jobs,
        [(value(job), job.job_id) for job in jobs],
        Counter(job.status for job in of_bundle),
        Counter(bundle for job in of_status for bundle in job.bundles),
    )


def _has(job: ListedJob, text: str, tags: Tags) -> bool:
    if text in job.filename.casefold() or job.job_id.startswith(text):
        return True
    return any(text in tag.casefold() for tag in tags.get(job.job_id, ()))


def _begin(view: _View, query: ListQuery, cursor: str) -> int:
    """Where the page after the cursor begins, also if the job that it names is gone."""
    last = _last(cursor, query)
    try:
        return view.keys.index(last) + 1
    except ValueError:
        return sum(_is_before(key, last, query) for key in view.keys)


def _is_before(key: tuple[Any, str], last: tuple[Any, str], query: ListQuery) -> bool:
    if key[0] != last[0]:
        is_less: bool = key[0] < last[0]
        return is_less != query.sort.startswith("-")
    return key[1] > last[1]


def _cursor(key: tuple[Any, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _last(cursor: str, query: ListQuery) -> tuple[Any, str]:
    bad = BadCursor("this cursor was not returned with an earlier page of this list")
    if len(cursor) > _MAX_CURSOR_CHARACTERS:
        raise bad
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        value, job_id = json.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, UnicodeError, ValueError, TypeError):
        raise bad from None
    expected = int if query.sort.endswith("size") else str
    if not isinstance(value, expected) or not isinstance(job_id, str):
        raise bad
    return value, job_id
