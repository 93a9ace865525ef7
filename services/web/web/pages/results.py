"""The page of a job's variants. Its script asks the REST API; what is known without it is here."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gas.domain.job import Job, JobStatus
from gas.events import ResultKind
from web.identity.shared import PARAMETER
from web.identity.viewer import is_visitor, require_viewer_of_page, viewed_job
from web.ports import ports

blueprint = Blueprint("results", __name__)
blueprint.before_request(require_viewer_of_page)


@blueprint.get("/jobs/<uuid:job_id>/variants")
def table(job_id: object) -> ResponseReturnValue:
    """Show the table, or why it is closed and what opens it."""
    job = viewed_job(str(job_id))
    is_owner = not is_visitor(job)
    if not _is_open(job):
        return render_template("results/closed.html", job=job, is_owner=is_owner), 409
    share = request.args.get(PARAMETER)
    about = ports().variants.about_at_once(job)
    return render_template(
        "results/table.html", job=job, is_owner=is_owner, share=share, about=about
    )


def _is_open(job: Job) -> bool:
    return job.status is JobStatus.COMPLETED and job.result(ResultKind.VARIANTS) is not None
