"""The user who sent the request, known by an API token or by a browser's session."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from gas.domain.account import Account
from gas.events import Plan
from gas.tables.profiles import Profile
from web.accounts.sessions import SessionKey
from web.exchange import ADMITTING, CALLER
from web.identity.rate_limits import limit_requests, limit_visits
from web.ports import ports
from web.problems import Problem, closed, suspended

csrf = CSRFProtect()
_KEY = "login"  # of the cookie's content
_SAFE = {"GET", "HEAD", "OPTIONS"}  # methods that change nothing (RFC 9110), so need no CSRF token


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request; ``session_id`` is None for a request with an API token."""

    profile: Profile
    account: Account | None
    session_id: str | None


def require_user() -> None:
    """Authenticate a request to the API. Raises Problem (401) without a valid token or session.

    Raises Problem: 403 for a suspended user or a closed account, 429 for one who sends too many
    requests, or for an address that tries too many tokens.
    Raises a 400 of Flask-WTF for a session without the CSRF token, except for safe methods.
    """
    caller = _by_token() or caller_by_session()
    if caller is None:
        if not is_unknown():  # a token or cookie that opens nothing
            limit_visits()
        raise Problem(
            401,
            "unauthorized",
            "Authentication required",
            "Send the header “Authorization: Bearer TOKEN”. Create a token on the account page.",
        )
    _let_in(caller)
    limit_requests(caller.profile.user_id, caller.account.plan if caller.account else Plan.FREE)


def require_login() -> Response | None:
    """Authenticate a request for a page; redirects to the login, and from there back to the page.

    Raises a 400 of Flask-WTF for a form without the CSRF token, Problem: 403 for a suspended user
    or a closed account, 401 for a script of a page whose session is over.
    """
    caller = caller_by_session()
    if caller is None and not _is_shown():
        # A login begun by each of its attempts would push out the one that the user is at, and
        # the user would come back to a part of a page.
        raise Problem(401, "unauthorized", "Your login is over", "Log in again.")
    if caller is None:
        # After the login the browser sends a GET, so it cannot return to a form's POST.
        here = request.full_path.rstrip("?") if request.method in _SAFE else "/"
        return redirect(url_for("login.login", next=here))
    _let_in(caller)
    return None


def _is_shown() -> bool:
    """Whether the browser shows the answer as a page, and no script reads it."""
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    return mode == "navigate" and request.accept_mimetypes.best != "text/event-stream"


def _let_in(caller: Caller) -> None:
    g.profile = caller.profile
    if ADMITTING in request.environ:
        request.environ[CALLER] = caller
    account = caller.account
    if account is None:
        return  # routes that need one say so
    g.account = account
    if account.is_closed:
        raise closed()
    if account.is_suspended:
        raise suspended(ports().accounts.operators)


def _by_token() -> Caller | None:
    known = _admitted()
    if known and known.session_id is None:
        return known
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    found = ports().accounts.owner_of(token.strip()) if kind.lower() == "bearer" else None
    return Caller(*found, session_id=None) if found else None


def _admitted() -> Caller | None:
    """The caller as found when the body was announced, seconds ago; None if it was not."""
    known: Caller | None = request.environ.get(CALLER)
    return None if ADMITTING in request.environ else known


def caller_by_session() -> Caller | None:
    """Who is logged in; None without a session, or when it is over."""
    key = session_key()
    if key is None:
        return None
    # The form's token may be in the body, which is asked for after this, and then checked.
    if request.method not in _SAFE and ADMITTING not in request.environ:
        csrf.protect()
    known = _admitted()
    if known and known.session_id is not None:
        g.session_id = known.session_id
        return known
    found = ports().accounts.callers.read(key.user_id, key.session_id)
    # A page asks for its live part by itself, whether anybody looks at it or not.
    is_use = request.args.get("part") != "live"
    opened = ports().sessions.opened(key, found.session, is_use=is_use)
    if opened is None:
        del session[_KEY]
        return None
    g.session_id = opened.session_id
    return Caller(found.profile, found.account, opened.session_id) if found.profile else None


def profile_by_session() -> Profile | None:
    """The profile of who is logged in; None without a session, or when it is over."""
    caller = caller_by_session()
    return caller.profile if caller else None


def is_unknown() -> bool:
    """True for a request that brings neither a token nor a session."""
    return session_key() is None and "Authorization" not in request.headers


def session_key() -> SessionKey | None:
    """What the request's cookie carries; whether it opens anything is another question."""
    return SessionKey.read(session.get(_KEY))


def give_session(key: SessionKey) -> None:
    """Send the browser this key."""
    session[_KEY] = str(key)


def current_session_id() -> str | None:
    """The id of the session of the request's user; None for a request with an API token."""
    found: str | None = g.get("session_id")
    return found


def rotate_session() -> None:
    """Give the browser another secret, since what it may do has changed."""
    key = session_key() if current_session_id() else None
    if key is None:
        return
    rotated = ports().sessions.rotate(key)
    if rotated != key:
        give_session(rotated)


def seems_logged_in() -> bool:
    """For what a page shows: true where a session was opened, or would yet have to be."""
    return g.profile is not None if "profile" in g else session_key() is not None


def current_profile() -> Profile:
    """The profile of the user who sent the request; only after ``require_…``."""
    profile: Profile = g.profile
    return profile


def current_account() -> Account:
    """The account of the user who sent the request. Raises Problem (401) if there is none."""
    if "account" not in g:
        account = ports().accounts.table.get(current_profile().user_id)
        if account is None:
            raise Problem(
                401,
                "unauthorized",
                "No account",
                "Log in once in a browser to create your account.",
            )
        g.account = account
    found: Account = g.account
    return found
