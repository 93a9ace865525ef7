"""Who is an operator: whose address is in the settings, and was verified by the login provider.

Asked anew at each request. API tokens are no operators.
"""

from __future__ import annotations

from flask import g, session
from werkzeug.wrappers import Response

from web.identity.requester import current_session_id, require_login
from web.ports import ports
from web.problems import Problem

_VERIFIED = "verified"  # of the cookie's content, which is signed


def remember_verified(email: str) -> None:
    """Keep in the session that the provider has verified the address; empty for none."""
    if email:
        session[_VERIFIED] = email


def is_operator() -> bool:
    """True for the session of an operator; only after ``require_…``."""
    profile = g.get("profile")
    if profile is None or current_session_id() is None:
        return False
    address = profile.email.lower()
    # The profile has the address of the user's last login, perhaps in another browser.
    is_verified = str(session.get(_VERIFIED, "")).lower() == address
    return is_verified and address in ports().operation.addresses


def require_operator() -> Response | None:
    """Let operators in. Raises Problem: 404 for everybody else, as if there were no such page.

    Who is not logged in is sent to the login, unless there is no operator at all.
    """
    if not ports().operation.addresses:
        raise _no_page()
    answer = require_login()
    if answer is None and not is_operator():
        raise _no_page()
    return answer


def _no_page() -> Problem:
    return Problem(404, "not-found", "Not found", "There is no such page.")
