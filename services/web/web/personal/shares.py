"""Read-only links to results: made by a job's owner, with an end, revocable.

Whoever has the link can read the whole result; the question that it opens with is no limit.
Only the SHA-256 of a token is stored, as with API tokens.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from gas.domain.job import Job, JobStatus
from gas.tables.personal import (
    SHARES,
    JobGone,
    LimitReached,
    PersonalRow,
    PersonalTable,
    RowChanged,
)
from web.accounts.tokens import sha256_of
from web.jobs.service import no_result
from web.personal.problems import limit_reached
from web.personal.records import Share
from web.problems import not_found

MOST_DAYS = 90
USUAL_DAYS = 14
MOST_OF_USER = 200  # ended and revoked ones are counted until they are deleted
USE = timedelta(minutes=1)
"""Requests within this time are one use: a page sends many, and each count is a write."""

_SECRET_BYTES = 32
_TOKEN = re.compile(r"share_[A-Za-z0-9_-]{43}")
_ATTEMPTS = 5  # of a change, while uses are counted in the same row


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of users. ``public_url`` is where browsers reach GAS."""

    table: PersonalTable
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    public_url: str

    def make(
        self, job: Job, *, days: int, name: str = "", query: str = "", with_notes: bool = False
    ) -> tuple[str, Share]:
        """A new share of a job: the token, which the user sees once, and what is stored.

        Raises Problem (409) if the job has no result now, or the user has too many shares.
        """
        if not 1 <= days <= MOST_DAYS:
            raise ValueError(f"a share lasts 1 to {MOST_DAYS} days, not {days}")
        if job.status is not JobStatus.COMPLETED:
            raise no_result(job)
        token, now = f"share_{secrets.token_urlsafe(_SECRET_BYTES)}", self.now()
        share = Share(
            share_id=self.new_id(),
            user_id=job.user_id,
            job_id=job.job_id,
            hint=token[-4:],
            created_at=now,
            ends_at=now + timedelta(days=days),
            name=name,
            query=query,
            with_notes=with_notes,
        )
        row = PersonalRow(
            job.user_id, _entry(share), 1, _content(share), (SHARES,), sha256_of(token)
        )
        try:
            self.table.add([row], {SHARES: MOST_OF_USER}, of_job=job.job_id)
        except LimitReached:
            raise limit_reached(MOST_OF_USER, "links") from None
        except JobGone:
            raise not_found() from None
        return token, share

    def address(self, share: Share, token: str) -> str:
        """The address to send to others."""
        page = f"{self.public_url.rstrip('/')}/jobs/{share.job_id}"
        if share.query:
            return f"{page}/variants?{share.query}&{urlencode({'share': token})}"
        return f"{page}?{urlencode({'share': token})}"

    def all_of(self, user_id: str, job_id: str | None = None) -> list[Share]:
        """The user's shares, of one job or of all, the newest first; ended and revoked ones too."""
        prefix = f"{SHARES}/{job_id}/" if job_id else f"{SHARES}/"
        shares = map(_share, self.table.page(user_id, prefix, MOST_OF_USER))
        return sorted(shares, key=lambda share: share.created_at, reverse=True)

    def find(self, token: str) -> Share | None:
        """The share of that token, open or not; None if there is none."""
        if not _TOKEN.fullmatch(token):
            return None
        row = self.table.by_token(sha256_of(token))
        return _share(row) if row else None

    def opens(self, token: str, job_id: str, now: datetime) -> Share | None:
        """The share, if it opens that job at that moment; callers check that job's status."""
        share = self.find(token)
        return share if share and share.job_id == job_id and share.is_open(now) else None

    def close(self, user_id: str, job_id: str, share_id: str) -> None:
        """Revoke an open share, or delete one that is closed; without one nothing happens."""
        for _ in range(_ATTEMPTS):
            row = self.table.get(user_id, f"{SHARES}/{job_id}/{share_id}")
            if row is None:
                return
            share, now = _share(row), self.now()
            try:
                if share.is_open(now):
                    self.table.replace(_next(row, revoked_at=now))
                else:
                    self.table.remove(row)
            except RowChanged:
                continue  # a use was counted: the row has a newer version
            return
        raise RowChanged(f"{SHARES}/{job_id}/{share_id}")

    def count_use(self, share: Share) -> None:
        """Note that the share was used now; writes at most once a minute."""
        now = self.now()
        if share.last_used_at and now < share.last_used_at + USE:
            return
        row = self.table.get(share.user_id, _entry(share))
        if row is None or _share(row).last_used_at != share.last_used_at:
            return
        try:
            self.table.replace(_next(row, uses=share.uses + 1, last_used_at=now))
        except RowChanged:
            return  # another request counted this minute, or the share was revoked


def _entry(share: Share) -> str:
    return f"{SHARES}/{share.job_id}/{share.share_id}"


def _content(share: Share) -> dict[str, object]:
    return share.model_dump(mode="json", exclude_defaults=True)


def _share(row: PersonalRow) -> Share:
    return Share.model_validate(row.content)


def _next(row: PersonalRow, **changes: object) -> PersonalRow:
    share = _share(row).model_copy(update=changes)
    return replace(row, version=row.version + 1, content=_content(share))
