"""The operators' page of bundles: what is offered, retired and stored, and acts as events."""

from __future__ import annotations

from typing import Any

import pytest

from gas.events import BundleReinstated, BundleRetired
from gas.files.bucket import NoSuchFile
from gas.files.published import file_key, retired_key
from tests.support.bundle_house import House
from tests.support.login import csrf_of
from tests.support.web_server import User, WebServer

PAGE = "/operator/bundles"


@pytest.fixture
def house() -> House:
    found = House(operators="grace@example.org")
    for version in ("1", "2"):
        found.bucket.publish("yeast", version)
    return found


@pytest.fixture
def operator(house: House) -> User:
    return house.server.operator()


def say(user: User, act: str, bundle: str, reason: str = "wrong frequencies") -> str:
    form = {"csrf_token": csrf_of(user.browser), "bundle": bundle, "reason": reason}
    answer = user.browser.post(f"{PAGE}/{act}", data=form, follow_redirects=True)
    assert answer.status_code == 200
    return str(answer.text)


def acts(server: WebServer, bundle: str) -> list[Any]:
    return [event.data for event in server.world.log.read(f"bundle/{bundle}")]


def test_every_version_is_listed_with_what_new_jobs_get(house: House, operator: User) -> None:
    house.bucket.write(file_key("yeast@3", "reference.fa"), b"AC")
    house.bucket.retire("yeast@1", "old gene models")
    page = operator.browser.get(PAGE).text
    assert page.index("yeast@2") < page.index("yeast@1") < page.index("yeast@3")
    for said in (
        "new jobs get it",
        "Retired: old gene models",
        "being published, or that was interrupted",
        "Comes with this release",
    ):
        assert said in page
    assert "No bucket of bundles" not in page


def test_retiring_is_an_event_with_who_and_why_and_users_read_the_reason(
    house: House, operator: User
) -> None:
    assert "say why" in say(operator, "retire", "yeast@2", reason=" ")
    assert acts(house.server, "yeast@2") == []
    page = say(operator, "retire", "yeast@2")
    assert "yeast@2 is retired. New jobs get yeast@1" in page
    assert f"/operator/accounts/{operator.id}" in page
    said = BundleRetired(user_id=operator.id, bundle_id="yeast@2", reason="wrong frequencies")
    assert acts(house.server, "yeast@2") == [said]
    offered = {one["id"]: one for one in house.user.call("GET", "/bundles").json["bundles"]}
    assert offered["yeast@2"]["retired_because"] == "wrong frequencies"
    assert offered["yeast@1"]["newest"]


def test_a_second_click_and_a_crash_before_the_mark_leave_one_event(
    house: House, operator: User
) -> None:
    say(operator, "retire", "yeast@2")
    house.bucket.delete([retired_key("yeast@2")])
    say(operator, "retire", "yeast@2")
    assert house.bucket.info(retired_key("yeast@2"))
    say(operator, "reinstate", "yeast@2", reason="they were right")
    with pytest.raises(NoSuchFile):
        house.bucket.info(retired_key("yeast@2"))
    said = BundleReinstated(user_id=operator.id, bundle_id="yeast@2", reason="they were right")
    assert acts(house.server, "yeast@2")[1:] == [said]
    say(operator, "retire", "yeast@2")
    assert len(acts(house.server, "yeast@2")) == 3


def test_what_is_not_published_is_not_retired(house: House, operator: User) -> None:
    assert "yeast@9 is not published" in say(operator, "retire", "yeast@9")
    assert "human-mt is not published" in say(operator, "retire", "human-mt")
    assert acts(house.server, "yeast@9") == []


def test_without_a_bucket_the_page_says_so() -> None:
    server = WebServer(operators="grace@example.org")
    operator = server.operator()
    assert "GAS_BUNDLE_BUCKET" in operator.browser.get(PAGE).text
    form = {"csrf_token": csrf_of(operator.browser), "bundle": "yeast@1", "reason": "r"}
    assert operator.browser.post(f"{PAGE}/retire", data=form).status_code == 409
