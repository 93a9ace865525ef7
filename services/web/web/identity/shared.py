"""What the parameter ``share`` of a request opens. Rights are checked at each request.

``shared_job`` is the one way in: it is for routes that only read. Whoever comes with a link is a
visitor, also the owner, so that owners see what their readers see.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, request
from opentelemetry import trace

from gas.domain.job import COLD, Job, JobStatus
from web.personal.records import Share
from web.ports import ports
from web.problems import Problem

PARAMETER = "share"
_READS = {"GET", "HEAD", "OPTIONS"}


def has_share() -> bool:
    """True for a request that reads a job and has a token of a share: it needs no login."""
    is_of_job = "job_id" in (request.view_args or {})
    return is_of_job and request.method in _READS and PARAMETER in request.args


def shared_job(job_id: str) -> Job:
    """The job that the request's share opens; only if ``has_share``.

    Raises Problem: 404 for an unknown link, 410 for one that is over.
    """
    shares = ports().personal.shares
    token = request.args[PARAMETER]
    share = shares.opens(token, job_id, shares.now())
    if share is None:
        raise _closed(shares.find(token), job_id)
    job = ports().jobs.table.get(share.user_id, job_id)
    if job is None or job.is_gone or job.status is not JobStatus.COMPLETED:
        raise _no_result(job)
    owner = ports().accounts.table.get(share.user_id)
    if owner and owner.is_stopped:
        raise _owner_suspended()
    shares.count_use(share)
    g.share, g.share_token = share, token
    return job


def current_share() -> Share | None:
    """The share that opened the request's job; None for owners."""
    found: Share | None = g.get("share")
    return found


def keep_in_links(app: Flask) -> None:
    """Add the token to every address of ``url_for`` that is about the shared job."""

    @app.url_defaults
    def add_token(_: str, values: dict[str, Any]) -> None:
        share = current_share()
        if share and str(values.get("job_id")) == share.job_id:
            values.setdefault(PARAMETER, g.share_token)


def keep_secret(app: Flask) -> None:
    """Keep tokens out of traces, and out of the Referer of every request that a page sends.

    Call it after the application's traces are set up: the span of a request must exist.
    """

    @app.before_request
    def hide_from_traces() -> None:
        if PARAMETER in request.args:
            # Instrumentation writes the whole address into one of these, depending on the server.
            hidden = {"http.target": request.path, "http.url": request.base_url}
            trace.get_current_span().set_attributes(hidden)

    @app.after_request
    def hide_token(response: Response) -> Response:
        if PARAMETER in request.args:
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Robots-Tag"] = "noindex"
        return response


def _closed(share: Share | None, job_id: str) -> Problem:
    if share is None or share.job_id != job_id:
        return Problem(
            404,
            "no-such-share",
            "This link does not work",
            "Perhaps it was cut when it was copied, or its owner deleted it. Open the whole link"
            " again, or ask the person who sent it for a new one.",
        )
    why = "was withdrawn by its owner" if share.revoked_at else f"ended on {share.ends_at:%d %B %Y}"
    return Problem(
        410,
        "share-over",
        "This link is over",
        f"It {why}. Ask the person who sent it for a new one.",
    )


def _owner_suspended() -> Problem:
    """410, and no word of why: a reader need not know."""
    return Problem(
        410,
        "share-without-result",
        "The result is not available",
        "What this link shows is not available at the moment. Ask the person who sent it.",
    )


def _no_result(job: Job | None) -> Problem:
    """410, and never what an owner may do: visitors cannot upgrade or restore."""
    is_archived = job is not None and not job.is_gone and job.status in COLD
    what = "is in the archive now" if is_archived else "was deleted by its owner"
    then = "to restore it: then this link works again" if is_archived else "for another result"
    return Problem(
        410,
        "share-without-result",
        "The result is not available",
        f"What this link shows {what}. Ask the person who sent it {then}.",
    )
