"""A login provider that vouches for whatever it is told, and browsers that log in there."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.web_server import WebServer
from web.identity import login

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Provider:
    """Vouches for ``claims``, those of the next browser that comes back from it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.claims: dict[str, Any] = {}
        monkeypatch.setattr(login, "_provider", lambda: self)

    def authorize_access_token(self) -> dict[str, Any]:
        return {"userinfo": {"iss": "http://issuer", **self.claims}}

    def userinfo(self, token: object) -> dict[str, Any]:
        return {}

    def send_back(self, browser: FlaskClient, **claims: Any) -> TestResponse:
        """The answer to a browser that comes back with these claims."""
        self.claims = claims
        return browser.get("/login/callback", headers={"User-Agent": FIREFOX})

    def log_in(self, server: WebServer, name: str = "ada") -> FlaskClient:
        """A browser in which the user of that name has logged in."""
        browser = server.app.test_client()
        answer = self.send_back(browser, sub=name, email=f"{name}@example.org", name=name)
        assert answer.status_code == 302, answer.text
        return browser


def csrf_of(browser: FlaskClient, path: str = "/help/api") -> str:
    """The form token of the browser's session."""
    page = browser.get(path).text
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def copy_of(browser: FlaskClient, server: WebServer) -> FlaskClient:
    """Another browser with the cookie that this one has now, as a thief would have it."""
    cookie = browser.get_cookie("gas_session")
    assert cookie
    copied = server.app.test_client()
    copied.set_cookie(cookie.key, cookie.value)
    return copied
