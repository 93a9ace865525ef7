"""The start page and the help on the API."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show what GAS is; redirects logged-in users to their jobs."""
    if "user_id" in session:
        return redirect(url_for("jobs.job_list"))
    return render_template("home.html")


@blueprint.get("/help/api")
def api_help() -> str:
    """Show how to use the REST API."""
    return render_template("api_help.html", root=request.url_root.rstrip("/"))
