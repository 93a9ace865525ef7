"""The REST API of jobs and their results."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from gas import multiqc
from gas.domain.account import Account
from gas.domain.job import Job, JobStatus
from gas.events import ResultKind
from gas.tables.jobs import BadCursor
from web.api.bodies import NewJob, NewRerun, TagsBody, body_of, page_limit
from web.api.job_json import job_json
from web.api.list_parameters import list_query
from web.export.methods_text import paragraph
from web.identity.requester import current_account
from web.identity.shared import has_share
from web.identity.viewer import is_visitor, require_viewer, viewed_job
from web.jobs.queue_position import QueuePosition
from web.jobs.rerun import RerunOptions, rerun
from web.jobs.service import result_name
from web.jobs.submission import JobOptions
from web.personal.job_tags import checked
from web.ports import ports
from web.problems import invalid_field, not_found

blueprint = Blueprint("api_jobs", __name__, url_prefix="/api/v1")
blueprint.before_request(require_viewer)
MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 25
_MAX_KEY_CHARACTERS = 128


@blueprint.post("/jobs")
def new_job() -> tuple[Response, int]:
    """``POST /jobs``: submit an upload; sent again, it returns the same job."""
    body = body_of(NewJob)
    account = current_account()
    options = JobOptions(body.bundle, body.split_multiallelics)
    tags = checked(body.tags)  # before anything is submitted
    job = ports().submission.submit(account, body.upload_id, options, idempotency_key())
    if tags:
        ports().personal.job_tags.change(account.user_id, job.job_id, tags)
    return accepted(job, account)


@blueprint.post("/jobs/<job_id>/rerun")
def run_again(job_id: str) -> tuple[Response, int]:
    """``POST /jobs/ID/rerun``: a new job on the same input, with the options of the body."""
    body = body_of(NewRerun)
    account = current_account()
    options = RerunOptions(body.bundle, body.split_multiallelics)
    job = rerun(ports().submission, account, viewed_job(job_id), options, idempotency_key())
    return accepted(job, account)


@blueprint.get("/jobs")
def list_jobs() -> Response:
    """``GET /jobs``: the user's jobs, newest first; ``q``, ``bundle``, ``tag``, ``sort`` search."""
    account = current_account()
    limit = page_limit(request.args, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    cursor = request.args.get("cursor") or None
    query = list_query(request.args, _status())
    try:
        page = (
            ports().jobs.search(
                account.user_id,
                query,
                ports().personal.job_tags.all_of(account.user_id),
                limit,
                cursor,
            )
            if query
            else ports().jobs.page(account.user_id, limit=limit, cursor=cursor, status=_status())
        )
    except BadCursor as error:
        raise invalid_field("cursor", str(error), status=400) from None
    return jsonify(jobs=[_json(job, account) for job in page.jobs], next_cursor=page.cursor)


@blueprint.get("/jobs/<job_id>/tags")
def show_tags(job_id: str) -> Response:
    """``GET /jobs/ID/tags``: the tags that the user gave the job."""
    user_id = current_account().user_id
    job = ports().jobs.find(user_id, viewed_job(job_id).job_id)
    return jsonify(tags=ports().personal.job_tags.of(user_id, job.job_id))


@blueprint.post("/jobs/<job_id>/tags")
def change_tags(job_id: str) -> Response:
    """``POST /jobs/ID/tags``: ``add`` and ``remove`` tags; answers with those of now."""
    body = body_of(TagsBody)
    user_id = current_account().user_id
    job = ports().jobs.find(user_id, viewed_job(job_id).job_id)
    tags = ports().personal.job_tags.change(user_id, job.job_id, body.add, body.remove)
    return jsonify(tags=tags)


@blueprint.get("/jobs/<job_id>")
def show_job(job_id: str) -> Response:
    """``GET /jobs/ID``: one job."""
    job = viewed_job(job_id)
    account = None if is_visitor(job) else current_account()
    return jsonify(_json(job, account, ports().jobs.queue_position_of(job)))


@blueprint.get("/jobs/<job_id>/events")
def show_events(job_id: str) -> Response:
    """``GET /jobs/ID/events``: the job's events in order, as a CloudEvents batch."""
    job = viewed_job(job_id)
    if has_share():  # events name the user, and a link does not
        raise not_found()
    events = ports().jobs.events(job.user_id, job.job_id)
    text = "[" + ",".join(event.to_json() for event in events) + "]"
    return Response(text, content_type="application/cloudevents-batch+json")


@blueprint.get("/jobs/<job_id>/result")
def download(job_id: str) -> BaseResponse:
    """``GET /jobs/ID/result``: a redirect to the annotated VCF."""
    return redirect(ports().jobs.result_url(viewed_job(job_id)), 302)


@blueprint.get("/jobs/<job_id>/table")
def download_table(job_id: str) -> BaseResponse:
    """``GET /jobs/ID/table``: a redirect to the consequences as a TSV."""
    return redirect(ports().jobs.result_url(viewed_job(job_id), ResultKind.TABLE), 302)


@blueprint.get("/jobs/<job_id>/variants.parquet")
def download_variants(job_id: str) -> BaseResponse:
    """``GET /jobs/ID/variants.parquet``: a redirect to the table of all variants."""
    return redirect(ports().jobs.result_url(viewed_job(job_id), ResultKind.VARIANTS), 302)


@blueprint.get("/jobs/<job_id>/provenance")
def show_provenance(job_id: str) -> Response:
    """``GET /jobs/ID/provenance``: what the result was made from, and with which versions."""
    return jsonify(json.loads(ports().jobs.read_text(viewed_job(job_id), ResultKind.PROVENANCE)))


@blueprint.get("/jobs/<job_id>/methods")
def show_methods(job_id: str) -> Response:
    """``GET /jobs/ID/methods``: how the result was made, a paragraph for a paper, as text."""
    text = ports().jobs.read_text(viewed_job(job_id), ResultKind.PROVENANCE)
    return Response(f"{paragraph(json.loads(text))}\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/jobs/<job_id>/log")
def show_log(job_id: str) -> BaseResponse:
    """``GET /jobs/ID/log``: counts and notes as text, or a redirect to a log above 256 KiB."""
    job = viewed_job(job_id)
    text = ports().jobs.short_log(job)
    if text is None:
        return redirect(ports().jobs.log_url(job), 302)
    return Response(text, content_type="text/plain; charset=utf-8")


@blueprint.get("/jobs/<job_id>/summary")
def show_summary(job_id: str) -> Response:
    """``GET /jobs/ID/summary``: the counts that the job's page shows."""
    return jsonify(json.loads(ports().jobs.read_text(viewed_job(job_id), ResultKind.SUMMARY)))


@blueprint.get("/jobs/<job_id>/multiqc/<section>")
def show_multiqc(job_id: str, section: str) -> Response:
    """``GET /jobs/ID/multiqc/SECTION``: the counts as a file for MultiQC, also of older jobs."""
    if section not in multiqc.SECTIONS:
        raise not_found()
    job = viewed_job(job_id)
    summary = json.loads(ports().jobs.read_text(job, ResultKind.SUMMARY))
    stem = result_name(job).removesuffix(".annot.vcf.gz")
    answer = jsonify(multiqc.document(section, stem, summary))
    answer.headers.set(
        "Content-Disposition", "attachment", filename=multiqc.file_name(stem, section)
    )
    return answer


@blueprint.post("/jobs/<job_id>/cancel")
def cancel(job_id: str) -> Response:
    """``POST /jobs/ID/cancel``: cancel an unfinished job. Raises Problem (409) if it has ended."""
    account = current_account()
    return jsonify(_json(ports().jobs.cancel(account.user_id, viewed_job(job_id).job_id), account))


@blueprint.delete("/jobs/<job_id>")
def delete(job_id: str) -> tuple[str, int]:
    """``DELETE /jobs/ID``: delete a job, cancelled first if it has not ended; see ``undelete``."""
    ports().jobs.delete(current_account().user_id, viewed_job(job_id).job_id)
    return "", 204


@blueprint.post("/jobs/<uuid:job_id>/undelete")
def undelete(job_id: object) -> Response:
    """``POST /jobs/ID/undelete``: take a deletion back. Raises Problem (410) if it is too late."""
    account = current_account()
    return jsonify(_json(ports().jobs.undo_delete(account.user_id, str(job_id)), account))


def accepted(job: Job, account: Account) -> tuple[Response, int]:
    """The answer 202 with a job that was submitted."""
    answer = jsonify(_json(job, account))
    answer.headers["Location"] = f"/api/v1/jobs/{job.job_id}"
    return answer, 202


def idempotency_key() -> str | None:
    """The header Idempotency-Key, None without one. Raises Problem (400) for a key too long."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= _MAX_KEY_CHARACTERS:
        message = f"must have 1 to {_MAX_KEY_CHARACTERS} characters"
        raise invalid_field("Idempotency-Key", message, status=400)
    return key


def _json(
    job: Job, account: Account | None, queue_position: QueuePosition | None = None
) -> dict[str, Any]:
    service = ports().jobs
    return job_json(
        job,
        progress=service.progress_of(job),
        archive_after=service.archive_after(job, account) if account else None,
        now=service.now(),
        queue_position=queue_position,
    )


def _status() -> JobStatus | None:
    text = request.args.get("status")
    if not text:
        return None
    allowed = [status for status in JobStatus if status is not JobStatus.DELETED]
    if text not in allowed:
        raise invalid_field("status", f"must be one of {', '.join(allowed)}", status=400)
    return JobStatus(text)
