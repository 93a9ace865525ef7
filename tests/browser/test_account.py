"""The account in a browser: terms, tokens, mails, export, and its end to the last object."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, expect

from archiver import handler
from archiver.closing import SETTLES_AFTER
from gas.domain.account import Account
from gas.events import AccountClosed
from gas.messaging.delivery import Postponed
from gas.messaging.fan_out import fan_out_handler
from tests.support.archiver_ports import archiver_of
from tests.support.browser import Scheme, Window, window
from tests.support.served_web import give_session, served
from tests.support.web_server import User, WebServer

pytestmark = pytest.mark.browser

LOOKS: tuple[tuple[int, Scheme], ...] = ((1280, "light"), (390, "dark"))


@pytest.fixture
def server() -> WebServer:
    return WebServer()


@pytest.fixture
def visitor(browser: Browser, server: WebServer) -> Iterator[tuple[Window, User, str]]:
    user = server.user()
    with served(server) as url, window(browser) as opened:
        give_session(opened, user, url)
        yield opened, user, url


def test_a_user_sets_up_the_account_exports_it_and_deletes_it(
    visitor: tuple[Window, User, str],
) -> None:
    opened, user, url = visitor
    page, world = opened.page, user.server.world
    job = world.complete(world.submit(user.id, b"the upload"), b"the result")
    world.archive(world.completed(user.id))
    opened.go(f"{url}/account")
    _make_token(page)
    _choose_mails(page)
    opened.must_be_well()
    opened.take_screenshot("account")
    with page.expect_download() as download:
        page.get_by_role("link", name="Everything", exact=True).click()
    with zipfile.ZipFile(download.value.path()) as found:
        assert found.testzip() is None
        assert found.read(f"jobs/{job.job_id}/my.vcf") == b"the result"
        assert b"In the archive, so not here: 1 results" in found.read("README.txt")
    opened.go(f"{url}/account/plans")
    expect(page.get_by_role("row", name="Largest upload")).to_be_visible()
    opened.must_be_well()
    opened.take_screenshot("account-plans")
    opened.go(f"{url}/account")
    _delete(opened)
    page.goto(f"{url}/jobs")
    assert "/login" in page.url
    _everything_is_gone(user)


def _make_token(page: Page) -> None:
    page.get_by_label("Name of the token").fill("lab server")
    page.get_by_role("button", name="Create a token").click()
    expect(page.get_by_text("Copy it now")).to_be_visible()
    expect(page.get_by_role("row", name="lab server")).to_contain_text("never")


def _choose_mails(page: Page) -> None:
    page.get_by_label("A result has moved to the archive").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("We mail you about what you chose")).to_be_visible()
    expect(page.get_by_label("A result has moved to the archive")).not_to_be_checked()
    expect(page.get_by_label("A job is done")).to_be_checked()


def _delete(opened: Window) -> None:
    page = opened.page
    page.get_by_role("link", name="Delete your account").click()
    opened.must_be_well()
    opened.take_screenshot("account-delete")
    page.get_by_label("Type delete my account").fill("delete")
    page.get_by_role("button", name="Delete everything").click()
    expect(page.locator("#wrong")).to_be_visible()
    opened.faults.clear()  # the browser tells of the 422 itself
    page.get_by_label("Type delete my account").fill("Delete my account")
    page.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_text("Your account is closed")).to_be_visible()
    opened.must_be_well()


def _everything_is_gone(user: User) -> None:
    """Follow the end of the account, as the archiver does."""
    server, world = user.server, user.server.world
    profiles, sessions = server.accounts.profiles, server.sessions.table
    ports = replace(archiver_of(world), profiles=profiles, sessions=sessions)
    handle = partial(handler.handle, ports=ports)
    (closed,) = [one for one in world.bus.published if isinstance(one.data, AccountClosed)]
    with pytest.raises(Postponed):
        handle(closed, None)
    for message in world.fan_out.receive(10, 0, 60):
        fan_out_handler(handle)(message.body)
    world.pass_time(SETTLES_AFTER + timedelta(minutes=1))
    handle(closed, None)
    account = world.account_table.get(user.id)
    assert isinstance(account, Account)
    assert account.erased_at == world.now()
    assert world.inputs.kept("") == world.results.kept("") == []
    assert world.store.copies == {}
    assert sessions.newest(user.id, 9) == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_pages_of_the_account_are_well_in_other_looks(
    browser: Browser, server: WebServer, width: int, scheme: Scheme
) -> None:
    user = server.user()
    with served(server) as url, window(browser, width, scheme) as opened:
        give_session(opened, user, url)
        for name in ("account", "account/plans", "account/delete", "terms"):
            opened.go(f"{url}/{name}")
            opened.must_be_well()
            opened.take_screenshot(f"{name.replace('/', '-')}-{width}-{scheme}")
