"""A job as operators see it: its events, who holds it, and two ways to get it going."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gas.domain.job import Job, JobStatus
from gas.events import CATALOGUE, UNREADABLE, FailureCode
from gas.eventstore.log import StoredEvent
from gas.eventstore.repository import BROKEN_STREAM
from gas.job_administration import JobAdministration
from gas.messaging.concurrency_leases import StoredLease
from web.identity.operators import require_operator
from web.pages.operator_acts import act, operator_id
from web.ports import ports
from web.problems import Problem

blueprint = Blueprint("operator_jobs", __name__, url_prefix="/operator/jobs")
blueprint.before_request(require_operator)


@blueprint.get("")
def find() -> str | Response:
    """The form that asks for an id, or the way to its job."""
    wanted = request.args.get("job", "").strip()
    if not wanted:
        return render_template("operator/find_job.html")
    try:
        return redirect(url_for("operator_jobs.show", job_id=str(UUID(wanted))))
    except ValueError:
        flash("This is not the id of a job. A job's page and mails have it.", "warning")
        return redirect(url_for("operator_jobs.find"))


@blueprint.get("/<uuid:job_id>")
def show(job_id: UUID) -> str:
    """The job with all its events, readable or not."""
    entries = ports().jobs.log.stored(f"job/{job_id}")
    if not entries:
        raise Problem(404, "not-found", "Not found", "The log has no job with this id.")
    job = _folded(str(job_id))
    return render_template(
        "operator/job.html",
        job_id=str(job_id),
        job=job,
        events=[_line(entry) for entry in entries],
        progress=ports().jobs.progress_of(job) if job else None,
        lease=_lease_of(job) if job else None,
        can_hand_out=job is not None and _can_hand_out(job),
    )


@blueprint.post("/<uuid:job_id>/fail")
def fail(job_id: UUID) -> Response:
    """End the job without a result."""

    def do(reason: str) -> tuple[str, str]:
        _administration().fail(str(job_id), reason)
        return "success", "The job is ended as failed; its user is told by mail."

    return act(url_for("operator_jobs.show", job_id=job_id), do)


@blueprint.post("/<uuid:job_id>/hand-out")
def hand_out(job_id: UUID) -> Response:
    """Let an annotator begin anew."""
    seen = request.form.get("seen", 0, type=int)

    def do(reason: str) -> tuple[str, str]:
        if _administration().hand_out(str(job_id), seen, reason):
            return "success", "The job is handed out again: an annotator takes it next."
        return "info", "The job has changed since you looked at it. Nothing was done."

    return act(url_for("operator_jobs.show", job_id=job_id), do)


def _administration() -> JobAdministration:
    return JobAdministration(ports().jobs.jobs, operator_id())


def _folded(job_id: str) -> Job | None:
    """The job; None where its events cannot be read, of which the page then tells."""
    try:
        return ports().jobs.jobs.load(job_id)
    except BROKEN_STREAM:
        return None


def _lease_of(job: Job) -> StoredLease | None:
    held = ports().operation.sources.leases.held(job.user_id)
    return next((lease for lease in held if lease.job_id == job.job_id), None)


def _can_hand_out(job: Job) -> bool:
    is_internal = job.error is not None and job.error.code is FailureCode.INTERNAL
    return job.is_unfinished or (job.status is JobStatus.FAILED and is_internal)


def _line(entry: StoredEvent) -> dict[str, Any]:
    """What a row of the timeline shows; ``problem`` where the event cannot be read."""
    try:
        event = CATALOGUE.parse(entry.text)
    except UNREADABLE as fault:
        return {"version": entry.version, "problem": f"cannot be read: {fault}"}
    body = event.data
    at: datetime = event.time
    by: str | None = getattr(body, "by", None)
    return {
        "version": entry.version,
        "at": at,
        "name": event.type.removeprefix("gas.job.").rpartition(".v")[0].replace("_", " "),
        "source": event.source.removeprefix("/gas/"),
        "by": by,
        "by_operator": by is not None and _is_user_id(by),
        "reason": getattr(body, "reason", None) or getattr(body, "message", None),
    }


def _is_user_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:  # a command has the login name of who ran it
        return False
    return True
