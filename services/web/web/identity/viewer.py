"""Who may look at a job: its owner, whoever has a share of it, and anyone at the public sample.

Asked anew at each request.
"""

from __future__ import annotations

from uuid import UUID

from flask import g, request
from werkzeug.wrappers import Response

from gas.domain.job import Job
from web.identity.requester import (
    current_account,
    profile_by_session,
    require_login,
    require_user,
)
from web.identity.shared import has_share, shared_job
from web.jobs.sample import is_sample
from web.ports import ports
from web.problems import not_found

_READS = {"GET", "HEAD", "OPTIONS"}


def require_viewer() -> None:
    """Authenticate a request to the API, unless the job is open without. Raises Problem (401)."""
    if not _is_open():
        require_user()


def require_viewer_of_page() -> Response | None:
    """The same for a page; redirects to the login."""
    if not _is_open():
        return require_login()
    g.profile = profile_by_session()
    return None


def viewed_job(job_id: str) -> Job:
    """The job. Raises Problem: 404 if it does not exist or is not for this visitor.

    With a share, 410 if that is over, or the job has no result now.
    """
    try:
        UUID(job_id)
    except ValueError:
        raise not_found() from None
    if has_share():
        return shared_job(job_id)
    return _sample() or ports().jobs.find(current_account().user_id, job_id)


def is_visitor(job: Job) -> bool:
    """True where the request may read the job, and nothing else."""
    return is_sample(job) or has_share()


def _is_open() -> bool:
    return has_share() or _sample() is not None


def _sample() -> Job | None:
    """The public sample if the request is to read it. Asks once a request."""
    if "sample" not in g:
        job_id = (request.view_args or {}).get("job_id")
        is_read = request.method in _READS and job_id is not None
        g.sample = ports().samples.find(str(job_id)) if is_read else None
    found: Job | None = g.sample
    return found
