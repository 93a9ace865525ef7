"""The page with all of a user's links to results."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.identity.requester import current_profile, require_login
from web.ports import ports

blueprint = Blueprint("shares", __name__)
blueprint.before_request(require_login)


@blueprint.get("/account/shares")
def share_list() -> str:
    """Show the links, when each was last used, and how often."""
    shares = ports().personal.shares.all_of(current_profile().user_id)
    return render_template("shares.html", shares=shares)


@blueprint.post("/account/shares/<uuid:job_id>/<share_id>/close")
def close(job_id: object, share_id: str) -> BaseResponse:
    """Revoke a link, or take one that is over off the list."""
    ports().personal.shares.close(current_profile().user_id, str(job_id), share_id)
    flash("Done. The link opens nothing any more.", "success")
    return redirect(url_for("shares.share_list"))
