"""The REST API: jobs and their results. Every error is an RFC 9457 problem."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from gas.domain.account import Account
from gas.domain.job import Job, JobStatus
from gas.events import ResultKind
from gas.tables.jobs import BadCursor
from web.api.bodies import NewJob, body_of
from web.api.job_json import as_json
from web.identity.requester import current_account, require_user
from web.jobs.queue_position import QueuePosition
from web.jobs.submission import JobOptions
from web.ports import ports
from web.problems import invalid_field, not_found

blueprint = Blueprint("api_jobs", __name__, url_prefix="/api/v1")
blueprint.before_request(require_user)
MAX_PAGE = 100
DEFAULT_PAGE = 25


@blueprint.post("/jobs")
def new_job() -> tuple[Response, int]:
    """Submit an upload."""
    body = body_of(NewJob)
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= 128:
        raise invalid_field("Idempotency-Key", "must have 1 to 128 characters", status=400)
    account = current_account()
    options = JobOptions(body.bundle, body.split_multiallelics)
    job = ports().submission.submit(account, body.upload_id, options, key)
    answer = jsonify(_shown(job, account))
    answer.headers["Location"] = f"/api/v1/jobs/{job.job_id}"
    return answer, 202


@blueprint.get("/jobs")
def list_jobs() -> Response:
    """The user's jobs, newest first."""
    account = current_account()
    try:
        page = ports().jobs.page(
            account.user_id,
            limit=_limit(),
            cursor=request.args.get("cursor") or None,
            status=_status(),
        )
    except BadCursor as error:
        raise invalid_field("cursor", str(error), status=400) from None
    return jsonify(jobs=[_shown(job, account) for job in page.jobs], next_cursor=page.cursor)


@blueprint.get("/jobs/<job_id>")
def show_job(job_id: str) -> Response:
    """One job."""
    account = current_account()
    job = _job(job_id)
    return jsonify(_shown(job, account, ports().jobs.queue_position_of(job)))


@blueprint.get("/jobs/<job_id>/events")
def show_events(job_id: str) -> Response:
    """The job's events, as a CloudEvents batch."""
    events = ports().jobs.events(current_account().user_id, _job(job_id).job_id)
    text = "[" + ",".join(event.to_json() for event in events) + "]"
    return Response(text, content_type="application/cloudevents-batch+json")


@blueprint.get("/jobs/<job_id>/result")
def download(job_id: str) -> BaseResponse:
    """A redirect to the annotated VCF."""
    return redirect(ports().jobs.result_url(_job(job_id)), 302)


@blueprint.get("/jobs/<job_id>/table")
def download_table(job_id: str) -> BaseResponse:
    """A redirect to the consequences as a TSV."""
    return redirect(ports().jobs.result_url(_job(job_id), ResultKind.TABLE), 302)


@blueprint.get("/jobs/<job_id>/provenance")
def show_provenance(job_id: str) -> Response:
    """What the result was made from, and with which versions."""
    return jsonify(json.loads(ports().jobs.read_text(_job(job_id), ResultKind.PROVENANCE)))


@blueprint.get("/jobs/<job_id>/log")
def show_log(job_id: str) -> Response:
    """The log with counts and repairs."""
    chunks = ports().jobs.read(_job(job_id), ResultKind.LOG)
    return Response(chunks, content_type="text/plain; charset=utf-8")


@blueprint.get("/jobs/<job_id>/summary")
def show_summary(job_id: str) -> Response:
    """The summary for plots."""
    return jsonify(json.loads(ports().jobs.read_text(_job(job_id), ResultKind.SUMMARY)))


@blueprint.post("/jobs/<job_id>/cancel")
def cancel(job_id: str) -> Response:
    """Call off an unfinished job."""
    account = current_account()
    return jsonify(_shown(ports().jobs.cancel(account.user_id, _job(job_id).job_id), account))


@blueprint.delete("/jobs/<job_id>")
def delete(job_id: str) -> tuple[str, int]:
    """Remove a finished job."""
    ports().jobs.delete(current_account().user_id, _job(job_id).job_id)
    return "", 204


def _job(job_id: str) -> Job:
    try:
        UUID(job_id)
    except ValueError:
        raise not_found() from None
    return ports().jobs.find(current_account().user_id, job_id)


def _shown(
    job: Job, account: Account, queue_position: QueuePosition | None = None
) -> dict[str, Any]:
    service = ports().jobs
    return as_json(
        job,
        progress=service.progress_of(job),
        archive_after=service.archive_after(job, account),
        queue_position=queue_position,
    )


def _limit() -> int:
    text = request.args.get("limit", str(DEFAULT_PAGE))
    if not text.isdigit() or not 1 <= int(text) <= MAX_PAGE:
        raise invalid_field("limit", f"must be a whole number from 1 to {MAX_PAGE}", status=400)
    return int(text)


def _status() -> JobStatus | None:
    text = request.args.get("status")
    if not text:
        return None
    shown = [status for status in JobStatus if status is not JobStatus.DELETED]
    if text not in shown:
        raise invalid_field("status", f"must be one of {', '.join(shown)}", status=400)
    return JobStatus(text)
