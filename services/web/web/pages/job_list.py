"""The list of a user's jobs: searched, filtered and sorted, with acts on several at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from gas.domain.account import Account
from gas.domain.job import JobStatus
from gas.tables.jobs import BadCursor
from web.export.stream import Stream
from web.identity.requester import current_account
from web.identity.viewer import require_viewer_of_page
from web.jobs.bulk import Outcome, checked, each
from web.jobs.list_query import MAX_SEARCH_CHARACTERS, ListQuery, Sort, page_of
from web.jobs.storage import attachment
from web.jobs.zipped import zipped
from web.pages.job_rows import rows_of
from web.pages.live_part import is_part, part_of_page
from web.ports import ports
from web.problems import Problem

blueprint = Blueprint("many_jobs", __name__)
blueprint.before_request(require_viewer_of_page)
PAGE_SIZE = 20
_FIELDS = {"q": "text", "tag": "tag", "bundle": "bundle"}


def show_list() -> ResponseReturnValue:
    """Show the user's jobs, newest first unless asked otherwise."""
    account = current_account()
    query, cursor = _query(), request.args.get("cursor") or None
    listing = ports().jobs.lists.of(account.user_id)
    tags = ports().personal.job_tags.all_of(account.user_id)
    try:
        page = page_of(listing, query, tags, PAGE_SIZE, cursor)
    except BadCursor:
        return redirect(url_for("jobs.job_list"))
    deleted = listing.undoable(ports().jobs.now())
    asked = _asked(query)
    shown: dict[str, Any] = {
        "page": page,
        "query": query,
        "asked": asked,
        "cursor": cursor,
        "rows": (rows := rows_of(page, query, asked, cursor, tags)).html,
        "account": account,
        "sample": None if listing.jobs else ports().samples.current(),
        "deleted": deleted,
        # Another tab, a script, the end of a grace period change it (docs: decision 76).
        "is_live": bool(deleted or listing.jobs),
    }
    if is_part():
        # Without jobs the part shows what is of no list.
        state = (rows.tag, shown["is_live"], *(job.job_id for job in deleted))
        return part_of_page("_jobs.html", state if page.jobs else None, lambda: shown)
    return render_template(
        "jobs.html",
        all_tags=sorted({tag for job_id in tags if job_id in listing.jobs for tag in tags[job_id]}),
        is_empty=not listing.jobs,
        **shown,
    )


@blueprint.post("/jobs/bulk")
def act_on_several() -> ResponseReturnValue:
    """Do what the pressed button says with the chosen jobs, and show the list again."""
    account = current_account()
    act = request.form.get("act", "")
    try:
        chosen = checked(request.form.getlist("job_id"))
        if act == "download":
            return _download(account, chosen)
        outcome = each(chosen, _act(account, act))
    except Problem as problem:
        if problem.status >= 500:
            raise
        flash(_nothing_chosen(problem), "warning")
        return _back()
    _tell(outcome, act)
    return _back()


def _act(account: Account, act: str) -> Callable[[str], object]:
    user_id, jobs, tags = account.user_id, ports().jobs, ports().personal.job_tags
    tag = request.form.get("tag", "").strip()
    match act:
        case "cancel":
            return lambda job_id: jobs.cancel(user_id, job_id)
        case "delete":
            return lambda job_id: jobs.delete(user_id, job_id)
        case "undo":
            return lambda job_id: jobs.undo_delete(user_id, job_id)
        case "tag" if tag:
            return lambda job_id: tags.change(user_id, jobs.find(user_id, job_id).job_id, [tag])
        case "untag" if tag:
            return lambda job_id: tags.change(user_id, job_id, remove=[tag])
    detail = "Write the tag into the field beside the button first."
    raise Problem(400, "invalid-request", "The request is not valid", detail)


def _download(account: Account, chosen: tuple[str, ...]) -> Response:
    jobs = [ports().jobs.find(account.user_id, job_id) for job_id in chosen]
    answer = Response(Stream(zipped(jobs, ports().jobs.results)), content_type="application/zip")
    answer.headers["Content-Disposition"] = attachment("gas-results.zip")
    return answer


def _nothing_chosen(problem: Problem) -> str:
    if problem.extra.get("errors", [{}])[0].get("field") == "job_ids":
        return "Tick the jobs first, then press the button."
    return problem.detail


_DONE = {
    "cancel": "cancelled",
    "undo": "back, as they were",
    "tag": "tagged",
    "untag": "without that tag now",
}


def _tell(outcome: Outcome, act: str) -> None:
    count = len(outcome.done)
    if count and act in _DONE:
        flash(f"{count} {'job is' if count == 1 else 'jobs are'} {_DONE[act]}.", "success")
    if outcome.refused:
        reasons = dict.fromkeys(refused.reason for refused in outcome.refused)
        left = len(outcome.refused)
        so = "it was" if left == 1 else "they were"
        flash(f"{left} stayed as {so}: {' '.join(reasons)}", "warning")


def _back() -> BaseResponse:
    """To the list as it was asked for; only its own parameters are taken over."""
    return redirect(url_for("jobs.job_list", **_asked(_query(request.form))))


def _query(given: Any = None) -> ListQuery:
    """The question of the address; what no list understands is left out."""
    given = request.args if given is None else given
    status, sort = given.get("status") or "", given.get("sort") or ""
    most = MAX_SEARCH_CHARACTERS
    texts = {name: given.get(key, "").strip()[:most] for key, name in _FIELDS.items()}
    return ListQuery(
        status=JobStatus(status) if status in set(JobStatus) - {JobStatus.DELETED} else None,
        sort=Sort(sort) if sort in set(Sort) else Sort.NEWEST,
        **texts,
    )


def _asked(query: ListQuery) -> dict[str, Any]:
    """The parameters of that question in an address."""
    asked = {key: getattr(query, name) for key, name in _FIELDS.items()}
    asked["status"] = query.status or ""
    asked["sort"] = "" if query.sort is Sort.NEWEST else query.sort
    return {key: str(value) for key, value in asked.items() if value}
