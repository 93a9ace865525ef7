"""The REST API of batches: up to 20 small files with two requests instead of forty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify

from gas.domain.account import Account
from gas.domain.job import Job
from web.api.bodies import NewJobs, NewUploads, body_of
from web.api.uploads import form_of
from web.identity.rate_limits import limit_more_requests
from web.identity.requester import current_account, require_user
from web.jobs.submission import JobOptions
from web.personal.job_tags import checked
from web.ports import ports
from web.problems import TYPE_PREFIX, Problem

blueprint = Blueprint("api_batches", __name__, url_prefix="/api/v1")
blueprint.before_request(require_user)


@blueprint.post("/uploads/batch")
def new_uploads() -> tuple[Response, int]:
    """``POST /uploads/batch``: allow up to 20 uploads, or none; forms in the order of files."""
    files = [(file.filename, file.size_bytes) for file in body_of(NewUploads).files]
    account = _counted(len(files))
    promised = ports().submission.promise_all(account, files)
    return jsonify(uploads=[form_of(one) for one in promised]), 201


@blueprint.post("/jobs/batch")
def new_jobs() -> tuple[Response, int]:
    """``POST /jobs/batch``: submit up to 20 uploads; of each its job, or why there is none.

    Sent again, it returns the same jobs.
    """
    body = body_of(NewJobs)
    account = _counted(len(body.upload_ids))
    options = JobOptions(body.bundle, body.split_multiallelics)
    tags = checked(body.tags)  # before anything is submitted
    submitted = ports().submission.submit_all(account, body.upload_ids, options)
    jobs = [
        _told(account, upload_id, each, tags)
        for upload_id, each in zip(body.upload_ids, submitted, strict=True)
    ]
    return jsonify(jobs=jobs), 202


def _counted(items: int) -> Account:
    """The account, after each item has been counted as a request. Raises Problem (429)."""
    account = current_account()
    limit_more_requests(account.user_id, account.plan, items - 1)
    return account


def _told(
    account: Account, upload_id: str, submitted: Job | Problem, tags: Sequence[str]
) -> dict[str, Any]:
    if isinstance(submitted, Problem):
        told = {"type": TYPE_PREFIX + submitted.slug, "status": submitted.status}
        told |= {**submitted.extra, "detail": submitted.detail}
        return {"upload_id": upload_id, "problem": told}
    if tags:
        ports().personal.job_tags.change(account.user_id, submitted.job_id, tags)
    return {"upload_id": upload_id, "job_id": submitted.job_id}
