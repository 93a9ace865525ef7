"""The pages of a user's jobs. They use the same services as the REST API.

``?part=live`` returns only the part of a page that changes, which the page fetches again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from gas.domain.job import Job, JobStatus
from gas.events import ResultKind, new_id
from gas.tables.jobs import BadCursor
from web.export.methods_text import paragraph
from web.identity.requester import current_account
from web.identity.viewer import is_visitor, require_viewer_of_page, viewed_job
from web.jobs.rerun import RerunOptions, is_input_kept, rerun
from web.jobs.sample import is_sample
from web.ports import ports
from web.problems import Problem
from web.results.plots import plots_of
from web.results.samples import USUAL, sample_checks

blueprint = Blueprint("jobs", __name__)
blueprint.before_request(require_viewer_of_page)
PAGE_SIZE = 20
_MAX_KEY_CHARACTERS = 128


@blueprint.get("/jobs")
def job_list() -> ResponseReturnValue:
    """Show the user's jobs, newest first."""
    status_text = request.args.get("status") or None
    status = JobStatus(status_text) if status_text in set(JobStatus) else None
    cursor = request.args.get("cursor") or None
    account = current_account()
    try:
        page = ports().jobs.page(account.user_id, limit=PAGE_SIZE, cursor=cursor, status=status)
    except BadCursor:
        return redirect(url_for("jobs.job_list"))
    template = "_jobs.html" if request.args.get("part") == "live" else "jobs.html"
    return render_template(
        template,
        page=page,
        status=status,
        cursor=cursor,
        account=account,
        is_live=_is_live(page.jobs),
    )


@blueprint.get("/jobs/new")
def new_job() -> str:
    """Show the upload form."""
    return render_template("new_job.html", account=current_account(), bundles=ports().bundles())


@blueprint.get("/jobs/<uuid:job_id>")
def show_job(job_id: object) -> str:
    """Show one job."""
    service = ports().jobs
    job = viewed_job(str(job_id))
    account = None if is_visitor(job) else current_account()
    template = "_job.html" if request.args.get("part") == "live" else "job.html"
    return render_template(
        template,
        job=job,
        account=account,
        progress=service.progress_of(job),
        queue_position=service.queue_position_of(job),
        archive_after=service.archive_after(job, account) if account else None,
        is_sample=is_sample(job),
        is_visitor=is_visitor(job),
        is_live=_is_live((job,)),
        rerun=None if is_visitor(job) else _rerun_form(job),
        **_overview(job),
    )


@blueprint.post("/jobs/<uuid:job_id>/rerun")
def run_again(job_id: object) -> BaseResponse:
    """Run the job again with the options of the form, and show the new job."""
    account = current_account()
    options = RerunOptions(
        bundle=request.form.get("bundle") or None, split_multiallelics="split" in request.form
    )
    key = request.form.get("key", "")[:_MAX_KEY_CHARACTERS] or None
    try:
        job = ports().jobs.find(account.user_id, str(job_id))
        job = rerun(ports().submission, account, job, options, key)
    except Problem as problem:
        flash(_why_not_again(problem), "warning")
        return redirect(url_for("jobs.show_job", job_id=job_id))
    return redirect(url_for("jobs.show_job", job_id=job.job_id))


@blueprint.get("/jobs/<uuid:job_id>/methods")
def show_methods(job_id: object) -> str:
    """Show how the result was made: a paragraph for a paper."""
    job = viewed_job(str(job_id))
    text = ports().jobs.read_text(job, ResultKind.PROVENANCE)
    return render_template("methods.html", job=job, text=paragraph(json.loads(text)))


@blueprint.get("/jobs/<uuid:job_id>/log")
def show_log(job_id: object) -> str:
    """Show the log of a finished job, or the beginning of a long one."""
    job = viewed_job(str(job_id))
    text = ports().jobs.read_text(job, ResultKind.LOG)
    return render_template("log.html", job=job, text=text)


@blueprint.get("/jobs/<uuid:job_id>/log/download")
def download_log(job_id: object) -> BaseResponse:
    """Redirect to the whole log."""
    return redirect(ports().jobs.log_url(viewed_job(str(job_id))))


@blueprint.get("/jobs/<uuid:job_id>/download")
def download(job_id: object) -> BaseResponse:
    """Redirect to the annotated VCF."""
    return redirect(ports().jobs.result_url(viewed_job(str(job_id))))


@blueprint.get("/jobs/<uuid:job_id>/table")
def download_table(job_id: object) -> BaseResponse:
    """Redirect to the consequences as a TSV."""
    return redirect(ports().jobs.result_url(viewed_job(str(job_id)), ResultKind.TABLE))


@blueprint.get("/jobs/<uuid:job_id>/variants.parquet")
def download_variants(job_id: object) -> BaseResponse:
    """Redirect to the table of all variants."""
    return redirect(ports().jobs.result_url(viewed_job(str(job_id)), ResultKind.VARIANTS))


@blueprint.post("/jobs/<uuid:job_id>/cancel")
def cancel(job_id: object) -> BaseResponse:
    """Cancel the job."""
    try:
        ports().jobs.cancel(current_account().user_id, str(job_id))
        flash("The job is cancelled.", "success")
    except Problem as problem:
        flash(problem.detail, "warning")
    return redirect(url_for("jobs.show_job", job_id=job_id))


@blueprint.post("/jobs/<uuid:job_id>/delete")
def delete(job_id: object) -> BaseResponse:
    """Delete the job and its files."""
    try:
        ports().jobs.delete(current_account().user_id, str(job_id))
    except Problem as problem:
        flash(problem.detail, "warning")
        return redirect(url_for("jobs.show_job", job_id=job_id))
    flash("The job is deleted.", "success")
    return redirect(url_for("jobs.job_list"))


def _why_not_again(problem: Problem) -> str:
    """What the page says: its form has the key, which people do not see."""
    if problem.slug != "idempotency-key-reused":
        return problem.detail
    return (
        f"This form was sent before with other choices, and became job {problem.extra['job_id']}."
        " Choose again below to make another job."
    )


def _rerun_form(job: Job) -> dict[str, Any] | None:
    """What the form to run an ended job again needs; None for the live part and other jobs.

    ``key`` and ``key_of_newer`` make a double click one job.
    """
    if job.is_unfinished or request.args.get("part") == "live":
        return None
    is_kept = is_input_kept(ports().submission, job)
    listed = ports().bundles()
    newer = listed.newer_than(job.bundle_version)
    return {
        "key": new_id(),
        "key_of_newer": new_id(),
        "is_input_kept": is_kept,
        "bundles": listed.offered,
        "newer": newer,
        # The version that the job ran on, where its name alone stands for another one now.
        "same": listed.find(job.bundle_version) if newer and job.bundle_version else None,
    }


def _overview(job: Job) -> dict[str, Any]:
    """What the overview of a result shows; ``table`` is the address of its table if it is open."""
    if not job.result(ResultKind.SUMMARY):
        return {"summary": None}
    summary = json.loads(ports().jobs.read_text(job, ResultKind.SUMMARY))
    has_table = job.status is JobStatus.COMPLETED and job.result(ResultKind.VARIANTS)
    return {
        "summary": summary,
        "table": url_for("results.table", job_id=job.job_id) if has_table else "",
        "plots": plots_of(summary),
        "samples": sample_checks(summary),
        "left_out": summary.get("samples_left_out", 0),
        "usual": USUAL,
    }


def _is_live(jobs: Sequence[Job]) -> bool:
    """True while something on the page can still change without the user."""
    final = {JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.ARCHIVED}
    return any(job.status not in final and not is_sample(job) for job in jobs)
