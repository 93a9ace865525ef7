"""A reminder before a result moves to the archive, where the grace period is long enough for one.

The message of ``job.completed`` waits in the queue for it, as the archiver's own does.
"""

from __future__ import annotations

from datetime import timedelta

from gas.domain.job import Job
from gas.domain.job_rules import archive_due
from gas.events import Event
from gas.messaging.delivery import Postponed
from gas.tables.recipients import Recipient
from notifier.job_contents import leaving_content
from notifier.ports import Ports
from notifier.sending import send_once

BEFORE = timedelta(days=1)
LONG_GRACE = timedelta(days=2)
"""With a shorter grace period the mail about the result has said it a moment ago."""


def remind(event: Event, job: Job, to: Recipient, ports: Ports) -> None:
    """Mail that the job's result moves soon, a day before it does; no effect if it does not.

    Raises Postponed until then.
    """
    if ports.archive_policy.grace < LONG_GRACE:
        return
    due = archive_due(job, to.account, ports.archive_policy) if to.account else None
    if due is None or due <= ports.now():
        return
    if due - BEFORE > ports.now():
        raise Postponed(due - BEFORE)
    content = leaving_content(job, due, to.profile.zone, ports.site)
    send_once(f"{event.id}/leaving", event, content, to, ports)
