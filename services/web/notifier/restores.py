"""Mails about results that are back: one for each of a few, one for all of many.

Of many, the last eleven messages wait until nothing more is to come, and whichever is handled first
then sends the mail. So it is sent also where the user deletes the last results before they are back
(docs: decision 18).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

from gas.domain.job import COLD, Job, JobStatus
from gas.events import Event, JobRestored, Plan
from gas.messaging.delivery import Postponed
from gas.tables.recipients import Recipient
from notifier.job_contents import job_content, restored_together_content
from notifier.ports import Ports
from notifier.sending import send_once

MOST_ALONE = 10
"""Results of one upgrade that are mailed about one by one; of more there is one mail."""

PATIENCE = timedelta(days=1)
"""How long the mail about many waits for the last of them."""
_MOST_COUNTED = 1_000
# The most jobs in cold storage that are checked. More than the answer needs, because the index
# lags: its first entries may be restored already and do not count.
_MAX_CHECKED = 100


def tell_of_restore(event: Event, job: Job, to: Recipient, ports: Ports) -> None:
    """Mail about the result, or about all of its upgrade once they are back.

    Who is not on Premium any more has no upgrade, and gets a mail for each of the last. Raises
    Postponed until then, and as ``send_once`` does.
    """
    assert isinstance(event.data, JobRestored)
    later, coming = _later(event, job, to, ports)
    if later + coming > MOST_ALONE:
        return  # one of those tells
    since = to.account.plan_since if to.account and _is_premium(to) else None
    together = _back_since(since, job, ports) if since else 0
    if since is None or together + coming <= MOST_ALONE:
        zone, following = to.profile.zone, later + coming
        content = job_content(event.data, job, zone, ports.site, later_restores=following)
        if content:
            send_once(event.id, event, content, to, ports)
        return
    if coming and ports.now() < event.time + PATIENCE:
        # As often as a mail that another process may be sending is looked after.
        raise Postponed(ports.now() + timedelta(seconds=ports.effect_claims.claim_seconds))
    claim_id = f"{job.user_id}/{since.isoformat()}/restored"
    is_more = together >= _MOST_COUNTED
    content = restored_together_content(together, coming, ports.site, is_more=is_more)
    send_once(claim_id, event, content, to, ports)


def _later(event: Event, job: Job, to: Recipient, ports: Ports) -> tuple[int, int]:
    """How many of the user's results came back after this one, and how many are still to come.

    Counting stops at one more than ``MOST_ALONE`` in all: others will tell of this one then.
    """
    table, enough = ports.job_table, MOST_ALONE + 1
    back, cold = table.restored_after_or_cold(
        job.user_id, event.time, job.job_id, enough + _MAX_CHECKED
    )
    # A Free user's archived results stay where they are; a Premium user's will be requested.
    coming = COLD if _is_premium(to) else {JobStatus.RESTORING}
    # The index lags, so each row is read: a result that is back already would count as still to
    # come, and the user would get no mail about the last ones.
    rows = (table.get(job.user_id, id) for id in cold if id != job.job_id)
    to_come = (row for row in rows if row and row.status in coming)
    known = min(len(back), enough)
    return known, sum(1 for _ in islice(to_come, enough - known))


def _back_since(since: datetime, job: Job, ports: Ports) -> int:
    """How many results of the job's user came back since that moment, up to a thousand."""
    back, _ = ports.job_table.restored_after_or_cold(job.user_id, since, "", _MOST_COUNTED)
    return len(back)


def _is_premium(to: Recipient) -> bool:
    return to.account is not None and to.account.plan is Plan.PREMIUM
