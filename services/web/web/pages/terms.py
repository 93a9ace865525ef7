"""The terms: for everybody to read, and for users to accept before their first upload."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.accounts import terms
from web.identity.requester import caller_by_session, current_account, require_login
from web.ports import ports

blueprint = Blueprint("terms", __name__)


@blueprint.get("/terms")
def show() -> str:
    """Show the terms, and when the user accepted them, or a button that does."""
    caller = caller_by_session()
    g.profile = caller.profile if caller else None
    account = caller.account if caller else None
    if account and terms.are_accepted(account):
        return terms_page(accepted_at=account.terms_at)
    return terms_page(can_accept=account is not None and not account.is_closed)


@blueprint.post("/account/terms")
def accept() -> BaseResponse:
    """Accept the terms of this version; an event keeps that."""
    refused = require_login()
    if refused:
        return refused
    ports().accounts.accept_terms(current_account().user_id, terms.VERSION)
    flash("Thank you. You can upload files now.", "success")
    return redirect(url_for("jobs.new_job"))


def terms_page(*, asks: bool = False, can_accept: bool = False, accepted_at: object = None) -> str:
    """The terms, with a button where the reader can accept them; ``asks`` before an upload."""
    return render_template(
        "terms.html",
        asks=asks,
        can_accept=can_accept or asks,
        accepted_at=accepted_at,
        version=terms.VERSION,
        region=current_app.config["DATA_REGION"],
        operators=ports().accounts.operators,
    )
