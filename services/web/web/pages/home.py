"""The landing page and the help."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """What GAS is; people who are logged in see their jobs."""
    return (
        redirect(url_for("jobs.job_list")) if "user_id" in session else render_template("home.html")
    )


@blueprint.get("/help/api")
def api_help() -> str:
    """How to use the REST API."""
    return render_template("api_help.html", root=request.url_root.rstrip("/"))
