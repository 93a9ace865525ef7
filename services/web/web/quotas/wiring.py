"""The limits that the settings give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from limits import parse

from gas.events import Plan
from gas.tables.rates import RateTable
from web.quotas.quotas import Quota
from web.quotas.rates import Rates
from web.settings import WebSettings


def quota_of_plan(settings: WebSettings) -> dict[Plan, Quota]:
    """What each plan may hold."""
    return {
        Plan.FREE: Quota(
            settings.free_open_uploads, settings.free_waiting_jobs, settings.free_stored_bytes
        ),
        Plan.PREMIUM: Quota(
            settings.premium_open_uploads,
            settings.premium_waiting_jobs,
            settings.premium_stored_bytes,
        ),
    }


def rates_of(settings: WebSettings, shared: RateTable, now: Callable[[], datetime]) -> Rates:
    """The rate limits, with counts of all tasks in ``shared``."""
    requests = {
        Plan.FREE: parse(settings.free_requests),
        Plan.PREMIUM: parse(settings.premium_requests),
    }
    return Rates(
        shared,
        now,
        requests,
        logins=parse(settings.logins),
        visits=parse(settings.visits),
        secret=settings.session_secret,
    )
