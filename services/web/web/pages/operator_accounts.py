"""Accounts as operators see them: find, plan, suspension, usage."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gas.account_commands import AccountAdministration, NoSuchUser
from gas.events import Plan
from web.identity.operators import require_operator
from web.pages.operator_acts import act, operator_id
from web.ports import ports
from web.problems import Problem

blueprint = Blueprint("operator_accounts", __name__, url_prefix="/operator/accounts")
blueprint.before_request(require_operator)


@blueprint.get("")
def find() -> str | Response:
    """Ask for a user id or an address; one that is found leads to its page."""
    wanted = request.args.get("user", "").strip()
    if "@" in wanted:
        found = ports().accounts.profiles.at_address(wanted)
    else:
        found = []
        try:
            user_id = _administration().find(wanted) if wanted else ""
        except NoSuchUser as nobody:
            flash(f"{str(nobody).capitalize()}.", "warning")
            user_id = ""
        if user_id:
            return redirect(url_for("operator_accounts.show", user_id=user_id))
    if len(found) == 1:
        return redirect(url_for("operator_accounts.show", user_id=found[0].user_id))
    return render_template("operator/find_account.html", wanted=wanted, found=found)


@blueprint.get("/<uuid:user_id>")
def show(user_id: UUID) -> str:
    """Who it is, plan, suspension, usage and history."""
    administration = _administration()
    try:
        found = administration.show(administration.find(str(user_id)))
    except NoSuchUser:
        raise Problem(404, "not-found", "Not found", "There is no account with this id.") from None
    account = ports().accounts.table.get(str(user_id))
    quotas = ports().submission.quotas
    return render_template(
        "operator/account.html",
        found=found,
        account=account,
        uploads=quotas.open_uploads(account) if account else None,
        waiting=quotas.waiting_jobs(account) if account else None,
        stored=quotas.stored_bytes(account) if account else None,
        jobs=ports().jobs.page(str(user_id), limit=10, cursor=None, status=None).jobs,
        plans=list(Plan),
    )


@blueprint.post("/<uuid:user_id>/plan")
def plan(user_id: UUID) -> Response:
    """Give the user a plan."""
    wanted = request.form.get("plan", "")

    def do(reason: str) -> tuple[str, str]:
        if wanted not in list(Plan):
            return "warning", "Nothing was done: choose a plan."
        _administration().set_plan(str(user_id), Plan(wanted), reason)
        return "success", f"The user is on {wanted.capitalize()}."

    return act(url_for("operator_accounts.show", user_id=user_id), do)


@blueprint.post("/<uuid:user_id>/suspend")
def suspend(user_id: UUID) -> Response:
    """Suspend the account."""

    def do(reason: str) -> tuple[str, str]:
        if str(user_id) == operator_id():
            return "warning", "Nothing was done: you cannot suspend yourself."
        _administration().suspend(str(user_id), reason)
        return "success", "The account is suspended: no login, no token, waiting jobs wait."

    return act(url_for("operator_accounts.show", user_id=user_id), do)


@blueprint.post("/<uuid:user_id>/restore")
def restore(user_id: UUID) -> Response:
    """End a suspension."""

    def do(reason: str) -> tuple[str, str]:
        _administration().restore(str(user_id), reason)
        return "success", "The suspension is over: waiting jobs start within a quarter of an hour."

    return act(url_for("operator_accounts.show", user_id=user_id), do)


def _administration() -> AccountAdministration:
    service = ports().accounts
    return AccountAdministration(
        service.accounts, ports().jobs.log, service.profiles, operator_id()
    )
