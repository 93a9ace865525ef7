"""The REST API of the account and its plan."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from gas.domain.account import Account
from gas.domain.mail import OPTIONAL
from web.accounts.billing import BillingUnavailable
from web.accounts.closing import PHRASE, close, is_confirmed
from web.identity.account_limits import account_limits
from web.identity.requester import (
    current_account,
    current_profile,
    require_user,
    rotate_session,
)
from web.ports import ports
from web.problems import Problem, invalid_field

blueprint = Blueprint("api_accounts", __name__, url_prefix="/api/v1")
blueprint.before_request(require_user)


@blueprint.get("/account")
def show_account() -> Response:
    """``GET /account``: the user's account, its limits, and how much of them is used."""
    limits = account_limits()
    held = {
        name: {"used": use.used, "limit": use.limit}
        for name, use in (
            ("open_uploads", limits.open_uploads),
            ("waiting_jobs", limits.waiting_jobs),
            ("stored_bytes", limits.stored_bytes),
            ("api_tokens", limits.api_tokens),
        )
    }
    return jsonify(_account_json(current_account()) | {"limits": held})


@blueprint.post("/account/upgrade")
def upgrade() -> Response:
    """``POST /account/upgrade``: move to Premium. Raises Problem (409) without billing."""
    try:
        account = ports().accounts.upgrade(current_account().user_id)
    except BillingUnavailable as error:
        raise _no_billing(str(error)) from None
    rotate_session()
    return jsonify(_account_json(account))


@blueprint.post("/account/downgrade")
def downgrade() -> Response:
    """``POST /account/downgrade``: move to Free. Raises Problem (409) unless billing is open."""
    # Who gave the plan ends it: what was agreed with the user is not known here.
    if not ports().accounts.billing.is_open:
        raise _no_billing(f"Plans are given by operators. {ports().accounts.operators.request}")
    user_id = current_account().user_id
    account = ports().accounts.downgrade(user_id, reason="asked by the user")
    rotate_session()
    return jsonify(_account_json(account))


@blueprint.delete("/account")
def close_account() -> ResponseReturnValue:
    """``DELETE /account``: delete the account and everything in it, for good; answers 202.

    Raises Problem (422) without ``{"confirm": "delete my account"}``.
    """
    body = request.get_json(silent=True)
    typed = body.get("confirm") if isinstance(body, dict) else None
    if not is_confirmed(typed):
        raise invalid_field("confirm", f"must be “{PHRASE}”: everything is deleted, for good")
    close(ports().accounts, ports().sessions, current_account().user_id)
    return "", 202


def _no_billing(detail: str) -> Problem:
    return Problem(409, "billing-unavailable", "The plan cannot be changed here", detail)


def _account_json(account: Account) -> dict[str, Any]:
    profile = current_profile()
    return {
        "user_id": account.user_id,
        "plan": account.plan,
        "plan_since": account.plan_since.isoformat().replace("+00:00", "Z"),
        "email": profile.email,
        "name": profile.name,
        "zone": profile.zone or None,
        "mail": {"stopped": [kind for kind in OPTIONAL if kind in profile.muted]},
        "upload_limit_bytes": ports().submission.limits[account.plan],
        "grace_seconds": int(ports().jobs.archive_policy.grace.total_seconds()),
    }
