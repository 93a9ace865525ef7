"""The pages of a user's jobs. They use the same services as the REST API.

``?part=live`` returns only the part of a page that changes, which the page fetches again.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from gas.domain.job import Job, JobStatus
from gas.events import ResultKind, new_id
from gas.tables.progress import Progress
from web.accounts.terms import are_accepted
from web.export.methods_text import paragraph
from web.identity.requester import current_account
from web.identity.shared import has_share
from web.identity.viewer import is_visitor, require_viewer_of_page, viewed_job
from web.jobs.rerun import RerunOptions, is_input_kept, rerun
from web.jobs.restore_estimate import RestoreEstimate, restore_estimate
from web.jobs.sample import is_sample
from web.live.watch import RETRY_MILLISECONDS, WATCH, Watch, seconds_left
from web.live.words import fetching_words, parts_done, running_words, waiting_words
from web.pages.job_facts import facts_of, table_address
from web.pages.job_list import show_list
from web.pages.live_part import is_part, part_of_page
from web.pages.terms import terms_page
from web.pages.uploads import upload_page
from web.ports import ports
from web.problems import Problem

blueprint = Blueprint("jobs", __name__)
blueprint.before_request(require_viewer_of_page)
_MAX_KEY_CHARACTERS = 128


# The list has many questions and a file of its own; its endpoint is of this blueprint.
blueprint.add_url_rule("/jobs", "job_list", show_list)


@blueprint.get("/jobs/new")
def new_job() -> str:
    """Show the upload form; before the first upload the terms, which the user accepts."""
    if not are_accepted(current_account()):
        return terms_page(asks=True)
    return upload_page()


@blueprint.get("/jobs/<uuid:job_id>")
def show_job(job_id: object) -> ResponseReturnValue:
    """Show one job, or that it is deleted and whether that can be undone."""
    service = ports().jobs
    try:
        job = viewed_job(str(job_id))
    except Problem as problem:
        gone = _deleted(str(job_id)) if problem.status == 404 else None
        if gone is None:
            raise
        return render_template("deleted_job.html", job=gone), 410
    account = None if is_visitor(job) else current_account()
    progress = service.progress_of(job)
    shown: dict[str, Any] = {
        "job": job,
        "account": account,
        "progress": progress,
        "words": _words(job, progress),
        "archive_after": service.archive_after(job, account) if account else None,
        "tags": ports().personal.job_tags.of(account.user_id, job.job_id) if account else (),
        "is_visitor": is_visitor(job),
        "is_live": _is_live(job),
    }
    decided = {
        "table": table_address(job),
        "restore": _estimate(job),
        "facts": partial(facts_of, job),
    }
    if is_part():
        plan = account.plan if account else None
        known = {**shown, "job": (job.job_id, job.version), "account": plan}
        return part_of_page("_job.html", tuple(known.items()), lambda: shown | decided)
    return render_template(
        "job.html",
        **shown,
        **decided,
        is_sample=is_sample(job),
        rerun=None if is_visitor(job) else _rerun_form(job),
    )


@blueprint.get("/jobs/<uuid:job_id>/live")
def follow(job_id: object) -> Response:
    """Begin a stream of server-sent events, which the server goes on with: see ``web.live``.

    ``version`` is that of the job which the page shows, and after a lost connection the header
    Last-Event-ID.
    """
    job = viewed_job(str(job_id))
    shown = request.headers.get("Last-Event-ID") or request.args.get("version", "")
    version = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 10 else 0
    viewer = "" if is_visitor(job) else current_account().user_id
    watch = Watch(job, version, viewer)
    watch.change(job.version)  # what happened since the page was made
    request.environ[WATCH] = watch
    return Response(f"retry: {RETRY_MILLISECONDS}\n\n", content_type="text/event-stream")


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
    """Delete the job and its files, after a moment in which that can be taken back."""
    try:
        ports().jobs.delete(current_account().user_id, str(job_id))
    except Problem as problem:
        flash(problem.detail, "warning")
        return redirect(url_for("jobs.show_job", job_id=job_id))
    return redirect(url_for("jobs.job_list"))  # which offers to take it back


def _deleted(job_id: str) -> Job | None:
    """The user's job that they have deleted; None where there is none."""
    if has_share():
        return None
    job = ports().jobs.table.get(current_account().user_id, job_id)
    return job if job and job.is_gone else None


def _estimate(job: Job) -> RestoreEstimate | None:
    """How long a restore takes and what it costs, for what is archived."""
    return restore_estimate(job.archive.size_bytes, ports().restore_tiers) if job.archive else None


def _words(job: Job, progress: Progress | None) -> str:
    """The sentence on a job that waits or runs, as it is at this moment."""
    if job.awaits_fetch and progress:
        return fetching_words(job.input.fetched_from, progress.fraction)
    place = ports().jobs.queue_position_of(job)
    if place:
        return waiting_words(place)
    if progress is None:
        return running_words(None, None)
    left = seconds_left(progress.fraction, job.started_at, ports().jobs.now())
    return running_words(progress.variants, left, parts_done(job, progress.fraction))


def _why_not_again(problem: Problem) -> str:
    """What the page says: its form has the key, which people do not see."""
    if problem.slug != "idempotency-key-reused":
        return problem.detail
    return (
        f"This form was sent before with other choices, and became job {problem.extra['job_id']}."
        " Choose again below to make another job."
    )


def _rerun_form(job: Job) -> dict[str, Any] | None:
    """What the form to run an ended job again needs; None for other jobs.

    ``key`` and ``key_of_newer`` make a double click one job.
    """
    if job.is_unfinished:
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


def _is_live(job: Job) -> bool:
    """True while something on the page can still change without the user."""
    # What is archived comes back when its owner upgrades, perhaps in another tab.
    final = {JobStatus.FAILED, JobStatus.CANCELLED}
    return job.status not in final and not is_sample(job)
