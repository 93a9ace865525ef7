"""Two jobs of one user beside each other, as a page and in the REST API."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, render_template, request

from gas.domain.job import Job, JobStatus
from web.identity.requester import current_account, require_login, require_user
from web.ports import ports
from web.problems import invalid_field
from web.variants.comparison import DIFFERENCES, Comparison, Difference

page = Blueprint("comparison", __name__)
page.before_request(require_login)
api = Blueprint("api_comparison", __name__, url_prefix="/api/v1")
api.before_request(require_user)
MAX_ITEMS = 500
_MOST_JOBS = 100


@page.get("/jobs/<uuid:job_id>/compare")
def show(job_id: object) -> str:
    """Show what differs from the job ``with``, or let the user choose that job."""
    here = _own(str(job_id))
    other = request.args.get("with")
    there = _own(other) if other else None
    found = _compared(here, there) if there else None
    listed = ports().jobs.page(
        here.user_id, limit=_MOST_JOBS, cursor=None, status=JobStatus.COMPLETED
    )
    return render_template(
        "results/comparison.html",
        job=here,
        there=there,
        found=found,
        difference=_difference(),
        differences=DIFFERENCES,
        others=[job for job in listed.jobs if job.job_id != here.job_id],
        most=MAX_ITEMS,
    )


@api.get("/jobs/<job_id>/compare/<other>")
def compared(job_id: str, other: str) -> Response:
    """``GET /jobs/ID/compare/OTHER``: counts of each difference, and the alleles that differ."""
    return jsonify(asdict(_compared(_own(job_id), _own(other))))


def _compared(here: Job, there: Job) -> Comparison:
    return ports().variants.compare(here, there, _difference(), MAX_ITEMS)


def _own(job_id: str) -> Job:
    return ports().jobs.find(current_account().user_id, job_id)


def _difference() -> Difference | None:
    """What to list; None for all that differs. Raises Problem (400)."""
    text = request.args.get("difference")
    for difference in DIFFERENCES:
        if text == difference:
            return difference
    if text:
        message = f"must be one of {', '.join(DIFFERENCES)}"
        raise invalid_field("difference", message, status=400)
    return None
