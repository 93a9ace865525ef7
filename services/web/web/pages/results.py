"""The page of a job's variants. Its script asks the REST API; what is known without it is here."""

from __future__ import annotations

from flask import Blueprint, render_template, request, session
from flask.typing import ResponseReturnValue

from gas.domain.job import Job, JobStatus
from gas.events import ResultKind
from web.identity.requester import require_login
from web.identity.shared import PARAMETER, has_share, shared_job
from web.identity.viewer import viewed_job

blueprint = Blueprint("results", __name__)


@blueprint.before_request
def authenticate() -> ResponseReturnValue | None:
    """Redirect to the login, unless the request has a link that opens the job."""
    return None if has_share() else require_login()


@blueprint.get("/jobs/<uuid:job_id>/variants")
def table(job_id: object) -> ResponseReturnValue:
    """Show the table, or why it is closed and what opens it."""
    job = _viewed(str(job_id))
    if not _is_open(job):
        return render_template("results/closed.html", job=job, is_owner=_is_owner(job)), 409
    share = request.args.get(PARAMETER)
    return render_template("results/table.html", job=job, is_owner=_is_owner(job), share=share)


def _viewed(job_id: str) -> Job:
    return shared_job(job_id) if has_share() else viewed_job(job_id)


def _is_open(job: Job) -> bool:
    return job.status is JobStatus.COMPLETED and job.result(ResultKind.VARIANTS) is not None


def _is_owner(job: Job) -> bool:
    """Who comes with a link is a visitor, also the owner: owners see what their readers see."""
    return not has_share() and session.get("user_id") == job.user_id
