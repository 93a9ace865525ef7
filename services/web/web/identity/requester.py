"""Who is asking: an API token, or the session of a browser."""

from __future__ import annotations

import time

from flask import g, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from gas.domain.account import Account
from gas.tables.profiles import Profile
from web.ports import ports
from web.problems import Problem

csrf = CSRFProtect()
_SAFE = {"GET", "HEAD", "OPTIONS"}


def require_user() -> None:
    """Find out who is asking, for the API. Raises Problem (401) if nobody is known."""
    profile = _by_token() or _by_session()
    if profile is None:
        raise Problem(
            401,
            "unauthorized",
            "Who are you?",
            "Send the header “Authorization: Bearer TOKEN”; tokens are made on the account page.",
        )
    g.profile = profile


def require_login() -> Response | None:
    """Find out who is asking, for pages; sends strangers to the login and back."""
    profile = _by_session()
    if profile is None:
        here = request.full_path.rstrip("?") if request.method in _SAFE else "/"
        return redirect(url_for("login.login", next=here))
    g.profile = profile
    return None


def _by_token() -> Profile | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return ports().accounts.owner_of(token.strip()) if kind.lower() == "bearer" else None


def _by_session() -> Profile | None:
    user_id = session.get("user_id")
    if not user_id or session.get("until", 0) < time.time():
        return None
    if request.method not in _SAFE:
        csrf.protect()
    return ports().accounts.profiles.get(user_id)


def current_profile() -> Profile:
    """The person who is asking."""
    profile: Profile = g.profile
    return profile


def current_account() -> Account:
    """The account of the person who is asking."""
    if "account" not in g:
        account = ports().accounts.table.get(current_profile().user_id)
        if account is None:
            raise Problem(401, "unauthorized", "No account", "Log in once to make your account.")
        g.account = account
    found: Account = g.account
    return found
