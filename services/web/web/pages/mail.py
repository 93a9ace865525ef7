"""Which mails come: the page behind the link in each mail, without login, and the user's choice."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from gas.domain.mail import OPTIONAL
from web.accounts.mail import ForeignLink, MailChoice, choice_of_link, choose, stop
from web.identity.requester import current_profile, require_login
from web.ports import ports
from web.problems import Problem

links = Blueprint("mail_links", __name__)
blueprint = Blueprint("mail", __name__)
blueprint.before_request(require_login)


@links.get("/mail/unsubscribe/<token>")
def ask(token: str) -> str:
    """Say what the link stops. Nothing changes yet: mail scanners follow links too."""
    try:
        _, choice = choice_of_link(ports().accounts.profiles, token)
    except ForeignLink:
        raise _foreign() from None
    return _page(token, choice)


@links.post("/mail/unsubscribe/<token>")
def change(token: str) -> str:
    """Stop mails, or send them again where the form says so.

    Mail programs send this by themselves (RFC 8058), without a cookie, so there is no CSRF token:
    the link's own signature shows that its sender has the mail.
    """
    try:
        wants_stop = "again" not in request.form
        choice = choose(ports().accounts.profiles, token, is_stopped=wants_stop)
    except ForeignLink:
        raise _foreign() from None
    return _page(token, choice)


@blueprint.post("/account/mail")
def choose_all() -> BaseResponse:
    """Store which kinds of mail the user wants."""
    wanted = set(request.form.getlist("kind"))
    stopped = [kind for kind in OPTIONAL if kind not in wanted]
    stop(ports().accounts.profiles, current_profile().user_id, stopped)
    flash("Saved. We mail you about what you chose.", "success")
    return redirect(url_for("account.account"))


def _page(token: str, choice: MailChoice) -> str:
    return render_template("unsubscribe.html", token=token, choice=choice)


def _foreign() -> Problem:
    return Problem(
        404,
        "no-such-link",
        "This link does not work",
        "Perhaps it was cut when it was copied, or its account is deleted. Open the whole link"
        " again, or choose your mails on the account page.",
    )
