"""What a user may hold at once, by plan. What is used is counted from what there is.

The counts come from indexes that lag behind by some ms, and no lock is held. So requests at the
same moment may go over a limit, by as many as are under way; a later one counts them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gas.domain.account import Account
from gas.events import Plan
from gas.tables.jobs import JobTable
from gas.tables.uploads import UploadTable
from web.problems import Problem

_RETRY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Quota:
    """The most of a plan: uploads that have no job yet, waiting jobs, bytes kept of all jobs."""

    open_uploads: int
    waiting_jobs: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a limit is used; counting ends at the limit, so ``used`` is never more."""

    used: int
    limit: int


@dataclass(slots=True)
class JobRoom:
    """Room for ``left`` further jobs, of the ``limit`` that may wait."""

    limit: int
    left: int

    def check(self) -> None:
        """Raise Problem (429) if there is none."""
        if self.left <= 0:
            raise _full(
                "too-many-jobs",
                "Too many waiting jobs",
                f"You have {self.limit:,} waiting jobs, and your plan allows no more. Submit this"
                " one when some of them have started, or cancel one. An upload is kept for a day.",
                self.limit,
            )


@dataclass(frozen=True, slots=True)
class Quotas:
    """The quotas of all plans, and what counts."""

    of_plan: dict[Plan, Quota]
    jobs: JobTable
    uploads: UploadTable
    now: Callable[[], datetime]

    def open_uploads(self, account: Account) -> Use:
        """The user's open uploads."""
        limit = self.of_plan[account.plan].open_uploads
        now = int(self.now().timestamp())
        return Use(self.uploads.count_open(account.user_id, now, limit), limit)

    def waiting_jobs(self, account: Account) -> Use:
        """The user's waiting jobs."""
        limit = self.of_plan[account.plan].waiting_jobs
        return Use(self.jobs.count_waiting(account.user_id, limit), limit)

    def stored_bytes(self, account: Account) -> Use:
        """The bytes that are kept of the user's jobs."""
        limit = self.of_plan[account.plan].stored_bytes
        return Use(self.jobs.stored_bytes(account.user_id, limit), limit)

    def check_bytes(self, account: Account, size_bytes: int) -> None:
        """Raise Problem (429) if the user may not store another file of that size now."""
        use = self.stored_bytes(account)
        if use.used + size_bytes > use.limit:
            raise _full(
                "too-much-stored",
                "Your space is full",
                f"Your files and results take {use.used:,} of the {use.limit:,} bytes of your plan,"
                f" and this file has {size_bytes:,}. Delete jobs that you no longer need, then try"
                " again.",
                use.limit,
            )

    def check_uploads(self, account: Account, count: int = 1) -> None:
        """Raise Problem (429) if the user may not begin so many further uploads now."""
        use = self.open_uploads(account)
        if use.used + count > use.limit:
            raise _full(
                "too-many-uploads",
                "Too many open uploads",
                f"You have {use.used:,} uploads that are not submitted yet, and your plan allows"
                f" {use.limit:,}. Submit some of them; one that is not submitted ends after a day.",
                use.limit,
            )

    def check_jobs(self, account: Account) -> None:
        """Raise Problem (429) if the user may submit no further job now."""
        self.room_for_jobs(account).check()

    def room_for_jobs(self, account: Account) -> JobRoom:
        """How many further jobs the user may submit now, counted once for all of them."""
        use = self.waiting_jobs(account)
        return JobRoom(use.limit, use.limit - use.used)


def _full(slug: str, title: str, detail: str, limit: int) -> Problem:
    # A guess, as nobody knows when the first of them ends; too early only asks again.
    return Problem(429, slug, title, detail, retry_after=_RETRY_SECONDS, limit=limit)
