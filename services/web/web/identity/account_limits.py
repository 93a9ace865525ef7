"""The limits of the user who sent the request, and how much of each is used."""

from __future__ import annotations

from dataclasses import dataclass

from web.identity.requester import current_account, current_profile
from web.ports import ports
from web.quotas.quotas import Use
from web.quotas.rates import RateOfUse


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """``requests`` are those that this task has counted."""

    open_uploads: Use
    waiting_jobs: Use
    stored_bytes: Use
    api_tokens: Use
    requests: RateOfUse


def account_limits() -> AccountLimits:
    """Those of the user; only after ``require_…``. Raises Problem (401) without an account."""
    account, profile, wired = current_account(), current_profile(), ports()
    quotas = wired.submission.quotas
    return AccountLimits(
        open_uploads=quotas.open_uploads(account),
        waiting_jobs=quotas.waiting_jobs(account),
        stored_bytes=quotas.stored_bytes(account),
        api_tokens=Use(len(profile.tokens), wired.accounts.most_tokens),
        requests=wired.rates.see_request(account.user_id, account.plan),
    )
