"""Who may look at a job: its owner, or whoever has a share of it. Asked anew at each request."""

from __future__ import annotations

from uuid import UUID

from werkzeug.wrappers import Response

from gas.domain.job import Job
from web.identity.requester import current_account, require_login, require_user
from web.identity.shared import has_share, shared_job
from web.ports import ports
from web.problems import not_found


def require_viewer() -> None:
    """Authenticate a request to the API, unless a share does. Raises Problem (401)."""
    if not has_share():
        require_user()


def require_viewer_of_page() -> Response | None:
    """The same for a page; redirects to the login."""
    return None if has_share() else require_login()


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
    return ports().jobs.find(current_account().user_id, job_id)
