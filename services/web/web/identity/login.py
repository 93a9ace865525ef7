"""Login with OpenID Connect, and logout."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from web.accounts.service import Identity, TooManyAccounts
from web.backends import BackendBusy, provider_bulkhead
from web.identity.browsers import browser_name
from web.identity.mailbox import RefusedIdentity, check_email, is_verified
from web.identity.operators import remember_verified
from web.identity.rate_limits import limit_logins
from web.identity.requester import csrf, give_session, session_key
from web.ports import ports
from web.problems import suspended
from web.settings import WebSettings

logger = structlog.get_logger()
Failure = tuple[str, int, dict[str, str]]
blueprint = Blueprint("login", __name__)
_PROVIDER_SECONDS = (1, 3)  # to connect, and for each part of an answer
_RETRY_SECONDS = 10
_STATE = "_state_provider_"
"""How authlib's keys of a session begin, one for each login that was begun."""
_MOST_LOGINS = 4
_MOST_PATH = 1500


def set_up_provider(app: Any, settings: WebSettings) -> None:
    """Register the OpenID provider. Its addresses and keys come from its discovery document.

    The document is fetched at the first login, so the server starts while the provider is down.
    """
    oauth = OAuth(app)
    issuer = settings.oidc_issuer.rstrip("/")
    oauth.register(
        name="provider",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email profile", "default_timeout": _PROVIDER_SECONDS},
    )


def _provider() -> Any:
    return current_app.extensions["authlib.integrations.flask_client"].provider


@blueprint.get("/login")
def login() -> Response | Failure:
    """Redirect the browser to the identity provider, and remember where it wanted to go.

    Raises Problem (429) after too many logins from its address.
    """
    limit_logins("login-start")
    session["next"] = _local_path(request.args.get("next", ""))
    _forget_old_logins()
    try:
        with provider_bulkhead.place():
            back = url_for("login.callback", _external=True)
            answer: Response = _provider().authorize_redirect(back)
    except (requests.RequestException, OAuthError, ValueError, BackendBusy) as error:
        logger.error("identity provider does not answer", error=str(error))
        return _failed("The login service does not answer. Please try again in a minute.", 503)
    return answer


@blueprint.get("/login/callback")
def callback() -> Response | Failure:
    """Handle the browser's return from the identity provider: start a session, or say why not.

    Raises Problem (429) after too many returns from its address, each of which asks the provider.
    """
    limit_logins("login-return")
    try:
        with provider_bulkhead.place():
            identity = _identity(_provider().authorize_access_token())
    except OAuthError as error:
        logger.info("login refused", error=error.error, description=error.description)
        return _failed(_why_refused(error), 403)
    except (requests.RequestException, JoseError, ValueError, BackendBusy) as error:
        logger.error("login failed", error=str(error))
        return _failed(
            "We could not verify the answer of the login service. Try again in a minute.", 503
        )
    except RefusedIdentity as error:
        logger.info("login refused", error=str(error))
        return _failed(str(error), 403)
    try:
        account = ports().accounts.sign_in(identity)
    except TooManyAccounts as error:
        return _failed(str(error), 403)
    if account.is_suspended:
        refusal = suspended(ports().accounts.operators)
        return _failed(refusal.detail, refusal.status)
    target = session.get("next") or url_for("jobs.job_list")
    _begin_session(account.user_id)
    remember_verified(identity.email if identity.is_email_verified else "")
    return redirect(target)


def _begin_session(user_id: str) -> None:
    """A new session. One from before must not survive it: an attacker may have planted it."""
    _end_session()
    session.clear()
    give_session(ports().sessions.begin(user_id, browser_name(request.user_agent.string)))


def _end_session() -> None:
    key = session_key()
    # A copy of the cookie from before a rotation opens nothing, so it ends nothing either.
    if key and ports().sessions.open(key, is_use=False):
        ports().sessions.end(key.user_id, key.session_id)


def _forget_old_logins() -> None:
    """Keep the logins begun last only: a browser drops a cookie of over 4 KB, and with it all."""
    begun = [key for key in session if key.startswith(_STATE)]
    begun.sort(key=lambda key: session[key].get("exp", 0))
    for key in begun[: -(_MOST_LOGINS - 1)]:
        del session[key]


def _why_refused(error: OAuthError) -> str:
    if error.error == "mismatching_state":
        return "This login was begun too long ago, or in another browser. Please try again."
    return str(error.description or error.error)


def _failed(reason: str, status: int) -> Failure:
    headers = {"Retry-After": str(_RETRY_SECONDS)} if status == 503 else {}
    return render_template("login_failed.html", reason=reason), status, headers


def _identity(token: dict[str, Any]) -> Identity:
    """The user of the verified ID token.

    Raises ValueError if the provider sent none, RefusedIdentity.
    """
    if "userinfo" not in token:
        raise ValueError("the provider sent no ID token")
    claims = dict(token["userinfo"])
    if "email" not in claims:  # some providers send it only from their userinfo endpoint
        claims = {**_provider().userinfo(token=token), **claims}
    email = str(claims.get("email") or "")
    check_email(email, claims.get("email_verified"))
    return Identity(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        email=email,
        name=str(claims.get("name") or claims.get("preferred_username") or email.partition("@")[0]),
        institution=str(claims.get("organization") or ""),
        is_email_verified=is_verified(claims.get("email_verified")),
    )


@blueprint.post("/logout")
def logout() -> Response:
    """End the session, for every copy of its cookie."""
    csrf.protect()
    _end_session()
    session.clear()
    flash("You are logged out.", "info")
    return redirect(url_for("home.home"))


def _local_path(target: str) -> str:
    """The target if it is a path of ours, else empty: a login must not redirect to another site."""
    parts = urlsplit(target)
    is_ours = target.startswith("/") and not parts.scheme and not parts.netloc
    # Browsers read "//host" and "/\host" as another site.
    is_ours = is_ours and len(target) <= _MOST_PATH and not target.startswith(("//", "/\\"))
    return target if is_ours else ""
