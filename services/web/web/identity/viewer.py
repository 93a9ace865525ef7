"""The job that the request may look at: its owner's. Asked anew at each request."""

from __future__ import annotations

from uuid import UUID

from gas.domain.job import Job
from web.identity.requester import current_account
from web.ports import ports
from web.problems import not_found


def viewed_job(job_id: str) -> Job:
    """The job. Raises Problem (404) if it does not exist or is not for this visitor."""
    try:
        UUID(job_id)
    except ValueError:
        raise not_found() from None
    return ports().jobs.find(current_account().user_id, job_id)
