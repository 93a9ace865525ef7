"""The account page, the comparison of plans, and API tokens."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from gas.domain.plain_text import without_hidden
from web.accounts.billing import BillingUnavailable
from web.accounts.mail import choices
from web.accounts.service import TooManyTokens
from web.identity.account_limits import account_limits
from web.identity.requester import current_account, current_profile, require_login, rotate_session
from web.ports import ports
from web.takeout.service import SLOWEST_HOURS

_LONGEST_NAME = 60  # characters of a token's name
blueprint = Blueprint("account", __name__)
blueprint.before_request(require_login)


@blueprint.get("/account")
def account() -> str:
    """Show the user's profile, plan, limits, tokens and mails, and whether mail reaches them."""
    service = ports().accounts
    return render_template(
        "account.html",
        account=current_account(),
        billing=service.billing,
        operators=service.operators,
        mail_stopped=ports().suppressions.get(current_profile().email),
        account_limits=account_limits(),
        slowest_hours=SLOWEST_HOURS,
        mail_choices=choices(current_profile()),
        new_token=session.pop("new_token", None),
    )


@blueprint.get("/account/plans")
def plans() -> str:
    """Show what each plan has, side by side, and how to change or whom to ask."""
    service = ports().accounts
    return render_template(
        "plans.html",
        account=current_account(),
        billing=service.billing,
        operators=service.operators,
        quotas=ports().submission.quotas.of_plan,
    )


@blueprint.post("/account/upgrade")
def upgrade() -> BaseResponse:
    """Move to Premium."""
    try:
        ports().accounts.upgrade(current_account().user_id)
        rotate_session()
        back = "What you have in the archive comes back by itself: your list of jobs shows it."
        flash(f"You are on Premium. {back}", "success")
    except BillingUnavailable as error:
        flash(str(error), "warning")
    return redirect(url_for("account.account"))


@blueprint.post("/account/downgrade")
def downgrade() -> BaseResponse:
    """Move to Free."""
    if not ports().accounts.billing.is_open:
        flash(f"Plans are given by operators. {ports().accounts.operators.request}", "warning")
    else:
        ports().accounts.downgrade(current_account().user_id, reason="asked by the user")
        rotate_session()
        flash(
            "You are on Free. Your results will move to the archive after the grace period.",
            "success",
        )
    return redirect(url_for("account.account"))


@blueprint.post("/account/tokens")
def new_token() -> BaseResponse:
    """Create an API token; the next page shows it, once."""
    name = without_hidden(request.form.get("name", "").strip())[:_LONGEST_NAME]
    try:
        session["new_token"] = ports().accounts.new_token(current_profile().user_id, name)
    except TooManyTokens as error:
        flash(str(error), "warning")
        return redirect(url_for("account.account"))
    return redirect(url_for("account.account", _anchor="tokens"))


@blueprint.post("/account/tokens/<sha256>/revoke")
def revoke_token(sha256: str) -> BaseResponse:
    """Revoke a token."""
    ports().accounts.profiles.remove_token(current_profile().user_id, sha256)
    flash("The token is revoked.", "success")
    return redirect(url_for("account.account"))
