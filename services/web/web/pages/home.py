"""The start page and the help on the API."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from web.identity.rate_limits import limit_visits
from web.identity.requester import is_unknown, profile_by_session
from web.ports import ports
from web.problems import Problem

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show what GAS is; redirects logged-in users to their jobs.

    Raises Problem (429) for an address with too many visits.
    """
    if is_unknown():
        limit_visits()
    g.profile = profile_by_session()
    if g.profile:
        return redirect(url_for("jobs.job_list"))
    return render_template("home.html", sample=ports().samples.current())


@blueprint.get("/sample")
def sample() -> ResponseReturnValue:
    """Lead to the public sample's page.

    Raises Problem: 404 while there is none, 429 for an address with too many visits.
    """
    if is_unknown():
        limit_visits()
    current = ports().samples.current()
    # It may have been replaced since it was read: ask again for this one.
    if current is None or ports().samples.find(current.job_id) is None:
        raise Problem(
            404,
            "no-sample",
            "There is no sample at the moment",
            "It is annotated after each upgrade of GAS. Try again in a few minutes.",
        )
    return redirect(url_for("jobs.show_job", job_id=current.job_id))


@blueprint.get("/help/api")
def api_help() -> str:
    """Show how to use the REST API."""
    return render_template("api_help.html", root=request.url_root.rstrip("/"))
