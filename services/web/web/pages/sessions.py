"""The page with the browsers in which a user is logged in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.identity.requester import current_profile, current_session_id, require_login
from web.ports import ports

blueprint = Blueprint("sessions", __name__)
blueprint.before_request(require_login)


@blueprint.get("/account/sessions")
def session_list() -> str:
    """Show the sessions: in which browser, since when, last used, and until when."""
    found = ports().sessions.of_user(current_profile().user_id)
    return render_template("sessions.html", sessions=found, here=current_session_id())


@blueprint.post("/account/sessions/<uuid:session_id>/end")
def end(session_id: object) -> BaseResponse:
    """Log out one browser."""
    ports().sessions.end(current_profile().user_id, str(session_id))
    flash("Done. That browser is logged out.", "success")
    return redirect(url_for("sessions.session_list"))


@blueprint.post("/account/sessions/end-all")
def end_all() -> BaseResponse:
    """Log out every browser, this one too."""
    ports().sessions.end_all(current_profile().user_id)
    session.clear()
    flash("You are logged out everywhere.", "success")
    return redirect(url_for("home.home"))
