"""The rows of the list of jobs as HTML, written once for what they show.

Polls and pages of many people show the same rows again and again; to write twenty takes longer than
all else that is done for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from flask import render_template
from markupsafe import Markup

from gas.domain.job import JobStatus
from gas.tables.job_list import ListedJob
from web.jobs.list_query import ListPage, ListQuery, Tags

_KEPT = 500  # of some 22 KB


@dataclass(frozen=True, slots=True)
class Rows:
    """The HTML; ``tag`` is the same as long as that is."""

    html: Markup
    tag: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """All that the rows show, so that what is kept cannot be out of date."""

    jobs: tuple[ListedJob, ...]
    tags: tuple[tuple[str, tuple[str, ...]], ...]
    total: int
    by_status: tuple[tuple[JobStatus, int], ...]
    is_complete: bool
    query: ListQuery
    asked: tuple[tuple[str, str], ...]
    cursor: str | None
    next_cursor: str | None


def rows_of(
    page: ListPage, query: ListQuery, asked: Mapping[str, str], cursor: str | None, tags: Tags
) -> Rows:
    """The rows of a page that begins at ``cursor``; ``asked`` is the question in an address."""
    ids = [job.job_id for job in page.jobs]
    return _written(
        _Shown(
            jobs=page.jobs,
            tags=tuple((job_id, tags[job_id]) for job_id in ids if job_id in tags),
            total=page.total,
            by_status=tuple(page.by_status.items()),
            is_complete=page.is_complete,
            query=query,
            asked=tuple(asked.items()),
            cursor=cursor,
            next_cursor=page.cursor,
        )
    )


@lru_cache(_KEPT)
def _written(shown: _Shown) -> Rows:
    html = render_template(
        "_job_rows.html",
        page=shown,
        query=shown.query,
        asked=dict(shown.asked),
        tags=dict(shown.tags),
    )
    return Rows(Markup(html), hashlib.sha256(html.encode()).hexdigest()[:32])  # noqa: S704  # ours
