"""Who gives Premium: operators, unless the installation is open, which production never is."""

from __future__ import annotations

import dataclasses

import pytest
from pydantic import ValidationError

from tests.support import web_pages
from tests.support.login import csrf_of
from tests.support.settings import PRODUCTION
from tests.support.web_server import User, WebServer, problem
from web.accounts.billing import BillingUnavailable, OpenBilling, OperatorBilling, billing_of
from web.accounts.operators import Operators
from web.settings import WebSettings


def user_with(contact: str) -> User:
    """A user of an installation where operators give plans."""
    server = WebServer()
    operators = Operators(contact)
    server.replace(
        accounts=dataclasses.replace(
            server.accounts, billing=OperatorBilling(operators), operators=operators
        )
    )
    return server.user()


def test_an_upgrade_says_where_to_see_what_comes_back(user: User) -> None:
    page = web_pages.press(user, "/account/upgrade").text
    assert "You are on Premium. What you have in the archive comes back by itself" in page


def test_operators_give_plans_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GAS_BILLING", raising=False)
    assert WebSettings().billing == "operator"
    assert WebSettings(**PRODUCTION).billing == "operator"
    assert isinstance(billing_of("operator", Operators("")), OperatorBilling)
    assert isinstance(billing_of("open", Operators("")), OpenBilling)


def test_sandbox_is_another_word_for_open_and_none_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    for word in ("open", "sandbox"):
        monkeypatch.setenv("GAS_BILLING", word)
        assert WebSettings().billing == "open"
        with pytest.raises(ValidationError, match="whoever asks"):
            WebSettings(**PRODUCTION)
    monkeypatch.setenv("GAS_BILLING", "none")
    with pytest.raises(ValidationError, match="'operator' or 'open'"):
        WebSettings()


@pytest.mark.parametrize("contact", ["ops@example.org", "https://gas.example.org/help", ""])
def test_a_contact_is_an_address_or_a_page(contact: str) -> None:
    assert WebSettings(operator_contact=contact).operator_contact == contact


@pytest.mark.parametrize("contact", ["javascript:alert(1)", "ask Ada", "http://x y"])
def test_no_other_contact_is_shown(contact: str) -> None:
    with pytest.raises(ValidationError):
        WebSettings(operator_contact=contact)


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("ops@example.org", 'href="mailto:ops@example.org"'),
        ("https://gas.example.org/help", 'href="https://gas.example.org/help"'),
        ("", "the operators of this installation"),
    ],
)
def test_the_account_page_says_whom_to_ask_for_premium(contact: str, link: str) -> None:
    user = user_with(contact)
    page = user.browser.get("/account").text
    assert link in page
    assert user.id in page, "operators need it"
    assert 'id="upgrade"' not in page
    csrf = csrf_of(user.browser, "/account")
    user.browser.post("/account/upgrade", data={"csrf_token": csrf})
    assert "given by the operators" in user.browser.get("/account").text
    for path in ("/account/upgrade", "/account/downgrade"):
        refused = problem(user.call("POST", path), 409, "billing-unavailable")
        assert contact in refused["detail"]
    assert user.call("GET", "/account").json["plan"] == "free"


def test_who_has_premium_is_told_who_can_end_it() -> None:
    user = user_with("ops@example.org")
    service = user.server.app.extensions["gas"].accounts
    with pytest.raises(BillingUnavailable):
        service.upgrade(user.id)
    user.server.accounts.upgrade(user.id)
    page = user.browser.get("/account").text
    assert "mailto:ops@example.org" in page
    assert "Go back to Free" not in page
