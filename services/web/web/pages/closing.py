"""The page on which users delete their account."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from web.accounts.closing import PHRASE, close, is_confirmed
from web.identity.requester import current_account, require_login
from web.ports import ports

blueprint = Blueprint("closing", __name__)
blueprint.before_request(require_login)


@blueprint.get("/account/delete")
def ask() -> str:
    """Say what is deleted, what stays, and how long it takes; the user types a phrase."""
    return _page(is_wrong=False)


@blueprint.post("/account/delete")
def delete() -> ResponseReturnValue:
    """Close the account where the phrase was typed; else ask again."""
    if not is_confirmed(request.form.get("confirm")):
        return _page(is_wrong=True), 422
    close(ports().accounts, ports().sessions, current_account().user_id)
    session.clear()
    flash(
        "Your account is closed, and you are logged out everywhere. Everything of yours is deleted"
        " within about two hours; a mail tells you when that is done.",
        "success",
    )
    return redirect(url_for("home.home"))


def _page(*, is_wrong: bool) -> str:
    return render_template("delete_account.html", phrase=PHRASE, is_wrong=is_wrong)
