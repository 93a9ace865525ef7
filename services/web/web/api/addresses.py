"""The REST API of files that GAS fetches itself."""

from __future__ import annotations

from flask import Blueprint, Response

from web.api.bodies import NewAddress, body_of
from web.api.jobs import accepted, idempotency_key
from web.identity.requester import current_account, require_user
from web.jobs.from_address import submit_address
from web.jobs.submission import JobOptions
from web.personal.job_tags import checked
from web.ports import ports

blueprint = Blueprint("api_addresses", __name__, url_prefix="/api/v1")
blueprint.before_request(require_user)


@blueprint.post("/uploads/url")
def new_job_on_address() -> tuple[Response, int]:
    """``POST /uploads/url``: a job on the file at an address, which GAS fetches."""
    body = body_of(NewAddress)
    account = current_account()
    tags = checked(body.tags)  # before anything is submitted
    options = JobOptions(body.bundle, body.split_multiallelics)
    job = submit_address(ports().submission, account, body.url, options, idempotency_key())
    if tags:
        ports().personal.job_tags.change(account.user_id, job.job_id, tags)
    return accepted(job, account)
