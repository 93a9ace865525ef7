"""The terms: for everybody to read, and for users to accept before their first upload."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.accounts.terms import VERSION, are_accepted
from web.identity.requester import caller_by_session, current_account, require_login
from web.ports import ports

blueprint = Blueprint("terms", __name__)


@blueprint.get("/terms")
def show() -> str:
    """Show the terms, and whether the user accepted them."""
    caller = caller_by_session()
    g.profile = caller.profile if caller else None
    account = caller.account if caller else None
    return terms_page(accepted_at=account.terms_at if account and are_accepted(account) else None)


@blueprint.post("/account/terms")
def accept() -> BaseResponse:
    """Accept the terms of this version; an event keeps that."""
    refused = require_login()
    if refused:
        return refused
    ports().accounts.accept_terms(current_account().user_id, VERSION)
    flash("Thank you. You can upload files now.", "success")
    return redirect(url_for("jobs.new_job"))


def terms_page(*, asks: bool = False, accepted_at: object = None) -> str:
    """The terms; where it ``asks``, with a button that accepts them."""
    return render_template(
        "terms.html",
        asks=asks,
        accepted_at=accepted_at,
        version=VERSION,
        region=current_app.config["DATA_REGION"],
        operators=ports().accounts.operators,
    )
