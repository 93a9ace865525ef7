"""The REST API, version 1. Every error is an RFC 9457 problem."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.wrappers import Response as BaseResponse

from gas.domain.account import Account
from gas.domain.job import Job, JobStatus
from gas.events import ResultKind
from gas.platform.tables import BadCursor
from web import jobs as job_views
from web.billing import BillingUnavailable
from web.identity import current_account, current_profile, require_user
from web.ports import ports
from web.problems import Problem, invalid_body, invalid_field, not_found
from web.submission import Wishes
from web.waiting import Place

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
blueprint.before_request(require_user)

MAX_PAGE = 100
DEFAULT_PAGE = 25

Body = TypeVar("Body", bound=BaseModel)
Name = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^/\\\x00-\x1f\x7f]+$")]


class Strict(BaseModel):
    """A request body: no other fields, no guessing of types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewUpload(Strict):
    """Body of POST /uploads."""

    filename: Name
    size_bytes: int = Field(ge=0)


class NewJob(Strict):
    """Body of POST /jobs."""

    upload_id: str = Field(pattern=r"^[0-9a-f-]{36}$")
    bundle: str | None = Field(None, min_length=1, max_length=64)
    split_multiallelics: bool = False


def body_of(model: type[Body]) -> Body:
    """The request's JSON body. Raises Problem, naming the fields at fault."""
    try:
        return model.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        if any(fault["type"] == "json_invalid" for fault in error.errors()):
            raise Problem(
                400, "malformed-json", "Malformed JSON", error.errors()[0]["msg"]
            ) from None
        raise invalid_body(error) from None


@blueprint.post("/uploads")
def new_upload() -> tuple[Response, int]:
    """Promise an upload."""
    body = body_of(NewUpload)
    promised = ports().submission.promise(current_account(), body.filename, body.size_bytes)
    answer = jsonify(
        upload_id=promised.upload_id,
        url=promised.form["url"],
        fields=promised.form["fields"],
        expires_at=promised.expires_at.isoformat().replace("+00:00", "Z"),
    )
    return answer, 201


@blueprint.post("/jobs")
def new_job() -> tuple[Response, int]:
    """Submit an upload."""
    body = body_of(NewJob)
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= 128:
        raise invalid_field("Idempotency-Key", "must have 1 to 128 characters", status=400)
    account = current_account()
    wishes = Wishes(body.bundle, body.split_multiallelics)
    job = ports().submission.submit(account, body.upload_id, wishes, key)
    answer = jsonify(_shown(job, account))
    answer.headers["Location"] = f"/api/v1/jobs/{job.job_id}"
    return answer, 202


@blueprint.get("/jobs")
def list_jobs() -> Response:
    """The user's jobs, newest first."""
    account = current_account()
    try:
        page = ports().desk.page(
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
    return jsonify(_shown(job, account, ports().desk.place_of(job)))


@blueprint.get("/jobs/<job_id>/events")
def show_events(job_id: str) -> Response:
    """The job's events, as a CloudEvents batch."""
    events = ports().desk.events(current_account().user_id, _job(job_id).job_id)
    text = "[" + ",".join(event.to_json() for event in events) + "]"
    return Response(text, content_type="application/cloudevents-batch+json")


@blueprint.get("/jobs/<job_id>/result")
def download(job_id: str) -> BaseResponse:
    """A redirect to the annotated VCF."""
    return redirect(ports().desk.result_url(_job(job_id)), 302)


@blueprint.get("/jobs/<job_id>/table")
def download_table(job_id: str) -> BaseResponse:
    """A redirect to the consequences as a TSV."""
    return redirect(ports().desk.result_url(_job(job_id), ResultKind.TABLE), 302)


@blueprint.get("/jobs/<job_id>/provenance")
def show_provenance(job_id: str) -> Response:
    """What the result was made from, and with which versions."""
    return jsonify(json.loads(ports().desk.read_text(_job(job_id), ResultKind.PROVENANCE)))


@blueprint.get("/jobs/<job_id>/log")
def show_log(job_id: str) -> Response:
    """The log with counts and repairs."""
    chunks = ports().desk.read(_job(job_id), ResultKind.LOG)
    return Response(chunks, content_type="text/plain; charset=utf-8")


@blueprint.get("/jobs/<job_id>/summary")
def show_summary(job_id: str) -> Response:
    """The summary for plots."""
    return jsonify(json.loads(ports().desk.read_text(_job(job_id), ResultKind.SUMMARY)))


@blueprint.post("/jobs/<job_id>/cancel")
def cancel(job_id: str) -> Response:
    """Call off an unfinished job."""
    account = current_account()
    return jsonify(_shown(ports().desk.cancel(account.user_id, _job(job_id).job_id), account))


@blueprint.delete("/jobs/<job_id>")
def delete(job_id: str) -> tuple[str, int]:
    """Remove a finished job."""
    ports().desk.delete(current_account().user_id, _job(job_id).job_id)
    return "", 204


@blueprint.get("/bundles")
def list_bundles() -> Response:
    """The reference bundles that a job can name; the default is the first."""
    found = ports().bundles
    return jsonify(bundles=[one.as_json(is_default=one is found[0]) for one in found])


@blueprint.get("/account")
def show_account() -> Response:
    """The user's account."""
    return jsonify(_account(current_account()))


@blueprint.post("/account/upgrade")
def upgrade() -> Response:
    """Move to Premium."""
    try:
        return jsonify(_account(ports().people.upgrade(current_account().user_id)))
    except BillingUnavailable as error:
        raise _no_billing(str(error)) from None


@blueprint.post("/account/downgrade")
def downgrade() -> Response:
    """Move to Free."""
    if not ports().people.billing.is_sandbox:
        raise _no_billing("Plans are changed by the billing provider.")
    user_id = current_account().user_id
    return jsonify(_account(ports().people.downgrade(user_id, reason="asked by the user")))


def _no_billing(detail: str) -> Problem:
    return Problem(409, "billing-unavailable", "The plan cannot be changed here", detail)


def _job(job_id: str) -> Job:
    try:
        UUID(job_id)
    except ValueError:
        raise not_found() from None
    return ports().desk.find(current_account().user_id, job_id)


def _shown(job: Job, account: Account, place: Place | None = None) -> dict[str, Any]:
    desk = ports().desk
    return job_views.as_json(
        job,
        progress=desk.progress_of(job),
        archive_after=desk.archive_after(job, account),
        place=place,
    )


def _account(account: Account) -> dict[str, Any]:
    profile = current_profile()
    return {
        "user_id": account.user_id,
        "plan": account.plan,
        "plan_since": account.plan_since.isoformat().replace("+00:00", "Z"),
        "email": profile.email,
        "name": profile.name,
        "upload_limit_bytes": ports().submission.limits[account.plan],
        "grace_seconds": int(ports().desk.grace.total_seconds()),
    }


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
