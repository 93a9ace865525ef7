"""Who may look at a job: its owner, whoever has a share of it, and anyone at the public sample.

Asked anew at each request.
"""

from __future__ import annotations

import re
from uuid import UUID

from flask import g, redirect, request
from werkzeug.wrappers import Response

from gas.domain.job import Job, JobStatus
from web.identity.rate_limits import limit_visits
from web.identity.requester import (
    current_account,
    is_unknown,
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
    """Authenticate a request to the API, unless the job is open without.

    Raises Problem: 401, or 429 for an address with too many visits.
    """
    if has_share() or is_unknown():
        limit_visits()  # before anything is read for it
    if not _is_open():
        require_user()


def require_viewer_of_page() -> Response | None:
    """The same for a page; redirects to the login.

    A link to an earlier sample leads to the same page of the current one.
    """
    if has_share() or is_unknown():
        limit_visits()
    if not _is_open():
        return _to_current_sample() or require_login()
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
    if found := _sample():
        return found
    job = ports().jobs.find(current_account().user_id, job_id)
    ports().samples.rule_out(job)
    return job


def is_visitor(job: Job) -> bool:
    """True where the request may read the job, and nothing else."""
    return is_sample(job) or has_share()


def _is_open() -> bool:
    return has_share() or _sample() is not None


def _sample() -> Job | None:
    """The public sample if the request is to read it; None for all else."""
    job = _of_system()
    return job if job and is_sample(job) else None


def _to_current_sample() -> Response | None:
    earlier = _of_system()
    if earlier is None or earlier.status is not JobStatus.DELETED:
        return None
    current = ports().samples.current()
    if current is None or current.job_id == earlier.job_id:
        return None
    here = request.full_path.rstrip("?")
    # An id may be in upper case there.
    return redirect(re.sub(earlier.job_id, current.job_id, here, count=1, flags=re.IGNORECASE))


def _of_system() -> Job | None:
    """The system's job that the request is to read; None for all else. Read once a request."""
    if "of_system" not in g:
        job_id = (request.view_args or {}).get("job_id")
        is_read = request.method in _READS and job_id is not None
        g.of_system = ports().samples.read(str(job_id)) if is_read else None
    found: Job | None = g.of_system
    return found
