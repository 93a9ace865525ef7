"""The pages that people see. What they do is done by the same objects as the REST API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from gas.domain.job import Job, JobStatus
from gas.events import ResultKind
from gas.platform.tables import BadCursor
from web.billing import BillingUnavailable
from web.identity import current_account, current_profile, require_login
from web.ports import ports
from web.problems import Problem

blueprint = Blueprint("pages", __name__)

PAGE = 20
_OPEN = {"pages.home", "pages.api_help"}


@blueprint.before_request
def _log_in_first() -> BaseResponse | None:
    return None if request.endpoint in _OPEN else require_login()


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """What GAS is; people who are logged in see their jobs."""
    return (
        redirect(url_for("pages.job_list"))
        if "user_id" in session
        else render_template("home.html")
    )


@blueprint.get("/help/api")
def api_help() -> str:
    """How to use the REST API."""
    return render_template("api_help.html", root=request.url_root.rstrip("/"))


@blueprint.get("/jobs")
def job_list() -> ResponseReturnValue:
    """The user's jobs, newest first; ``?part=live`` gives the table alone."""
    wanted = request.args.get("status") or None
    status = JobStatus(wanted) if wanted in set(JobStatus) else None
    cursor = request.args.get("cursor") or None
    account = current_account()
    try:
        page = ports().desk.page(account.user_id, limit=PAGE, cursor=cursor, status=status)
    except BadCursor:
        return redirect(url_for("pages.job_list"))
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
    """The upload form."""
    return render_template("new_job.html", account=current_account(), bundles=ports().bundles)


@blueprint.get("/jobs/<uuid:job_id>")
def show_job(job_id: object) -> str:
    """One job; ``?part=live`` gives the part that changes alone."""
    desk, account = ports().desk, current_account()
    job = desk.find(account.user_id, str(job_id))
    template = "_job.html" if request.args.get("part") == "live" else "job.html"
    return render_template(
        template,
        job=job,
        account=account,
        progress=desk.progress_of(job),
        place=desk.place_of(job),
        archive_after=desk.archive_after(job, account),
        summary=_summary(job) if job.result(ResultKind.SUMMARY) else None,
        is_live=_is_live((job,)),
    )


@blueprint.get("/jobs/<uuid:job_id>/log")
def show_log(job_id: object) -> str:
    """The log of a finished job."""
    desk = ports().desk
    job = desk.find(current_account().user_id, str(job_id))
    return render_template("log.html", job=job, text=desk.read_text(job, ResultKind.LOG))


@blueprint.get("/jobs/<uuid:job_id>/download")
def download(job_id: object) -> BaseResponse:
    """A redirect to the annotated VCF."""
    desk = ports().desk
    return redirect(desk.result_url(desk.find(current_account().user_id, str(job_id))))


@blueprint.get("/jobs/<uuid:job_id>/table")
def download_table(job_id: object) -> BaseResponse:
    """A redirect to the consequences as a TSV."""
    desk = ports().desk
    job = desk.find(current_account().user_id, str(job_id))
    return redirect(desk.result_url(job, ResultKind.TABLE))


@blueprint.post("/jobs/<uuid:job_id>/cancel")
def cancel(job_id: object) -> BaseResponse:
    """Call the job off."""
    try:
        ports().desk.cancel(current_account().user_id, str(job_id))
        flash("The job is cancelled.", "success")
    except Problem as problem:
        flash(problem.detail, "warning")
    return redirect(url_for("pages.show_job", job_id=job_id))


@blueprint.post("/jobs/<uuid:job_id>/delete")
def delete(job_id: object) -> BaseResponse:
    """Remove the job and its files."""
    try:
        ports().desk.delete(current_account().user_id, str(job_id))
    except Problem as problem:
        flash(problem.detail, "warning")
        return redirect(url_for("pages.show_job", job_id=job_id))
    flash("The job is deleted.", "success")
    return redirect(url_for("pages.job_list"))


@blueprint.get("/account")
def account() -> str:
    """The user's plan and tokens."""
    people = ports().people
    return render_template(
        "account.html",
        account=current_account(),
        billing=people.billing,
        new_token=session.pop("new_token", None),
    )


@blueprint.post("/account/upgrade")
def upgrade() -> BaseResponse:
    """Move to Premium."""
    try:
        ports().people.upgrade(current_account().user_id)
        flash("You are on Premium. Archived results are on their way back.", "success")
    except BillingUnavailable as error:
        flash(str(error), "warning")
    return redirect(url_for("pages.account"))


@blueprint.post("/account/downgrade")
def downgrade() -> BaseResponse:
    """Move to Free."""
    if not ports().people.billing.is_sandbox:
        flash("Plans are changed by the billing provider.", "warning")
    else:
        ports().people.downgrade(current_account().user_id, reason="asked by the user")
        flash("You are on Free. Finished results will be archived.", "success")
    return redirect(url_for("pages.account"))


@blueprint.post("/account/tokens")
def new_token() -> BaseResponse:
    """Make an API token; the next page shows it once."""
    session["new_token"] = ports().people.new_token(current_profile().user_id)
    return redirect(url_for("pages.account"))


@blueprint.post("/account/tokens/<sha256>/revoke")
def revoke_token(sha256: str) -> BaseResponse:
    """Make a token useless."""
    ports().people.profiles.remove_token(current_profile().user_id, sha256)
    flash("The token is revoked.", "success")
    return redirect(url_for("pages.account"))


def _summary(job: Job) -> Any:
    return json.loads(ports().desk.read_text(job, ResultKind.SUMMARY))


def _is_live(jobs: Sequence[Job]) -> bool:
    """True while something on the page can still change by itself."""
    settled = {JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.ARCHIVED}
    return any(job.status not in settled for job in jobs)
