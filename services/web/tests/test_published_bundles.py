"""Published bundles are offered, and retired ones only to jobs that ran on them."""

from __future__ import annotations

import pytest

from gas.files.published import entry_key
from tests.support.bundle_house import Bucket, House
from tests.support.web_server import BUNDLES, problem
from web.bundles import BundleList, described
from web.published_bundles import OfferedBundles

CONTENT = b"##fileformat=VCFv4.2\n#CHROM\n"


@pytest.fixture
def house() -> House:
    return House()


def ids(listed: BundleList) -> list[str]:
    return [one.id for one in listed]


def test_what_is_published_is_offered_a_minute_later_with_all_versions_listed(
    house: House,
) -> None:
    house.bucket.publish("yeast", "1")
    installed, (first, *_) = described(BUNDLES), house.user.call("GET", "/bundles").json["bundles"]
    assert first["default"] is True
    house.bucket.publish("yeast", "2")
    house.bucket.publish("human-mt", "1")
    house.bucket.retire("yeast@1", "old gene models")
    house.later()
    listed = house.user.call("GET", "/bundles").json["bundles"]
    assert [(one["id"], one["newest"], one["retired"]) for one in listed] == [
        (installed[0].id, True, False),
        ("human-mt@1", False, False),
        (installed[1].id, True, False),
        ("yeast@2", True, False),
        ("yeast@1", False, True),
    ]
    assert listed[-1]["retired_because"] == "old gene models"
    assert listed[-2]["published_at"].startswith("2026-01-01T00:02")
    assert [one["default"] for one in listed] == [True, False, False, False, False]
    page = house.user.browser.get("/jobs/new").text
    assert page.count('value="yeast"') == 1


def test_jobs_name_a_bundle_or_a_version_of_it_but_no_retired_one(house: House) -> None:
    for version in ("1", "2"):
        house.bucket.publish("yeast", version)
    house.bucket.retire("yeast@1", "old gene models")
    for choice in ("yeast", "yeast@2"):
        assert house.submit(choice).json["bundle"] == choice  # type: ignore[attr-defined]
    document = problem(house.submit("yeast@1"), 400, "invalid-request")
    assert document["errors"][0]["message"] == (
        "yeast@1 is retired (old gene models) and takes only reruns of jobs that used it."
        " Choose yeast, which is yeast@2 now."
    )
    message = problem(house.submit("yeast@9"), 400, "invalid-request")["errors"][0]["message"]
    assert message == "must be one of auto, human-mt, grch38-21q21, yeast"


def test_a_job_is_run_again_on_its_retired_version_or_on_the_newer_one(house: House) -> None:
    house.bucket.publish("yeast", "1")
    job = house.ran_on("yeast", "yeast@1")
    page = house.user.browser.get(f"/jobs/{job}").text
    assert "Run on yeast" not in page
    house.bucket.publish("yeast", "2")
    house.bucket.retire("yeast@1", "")
    house.later()
    page = house.user.browser.get(f"/jobs/{job}").text
    assert "Run on yeast@2" in page
    assert "1 as this job (retired)" in page
    assert house.user.call("GET", f"/jobs/{job}").json["bundle_version"] == "yeast@1"
    for choice, got in (("yeast@1", "yeast@1"), ("yeast@2", "yeast@2"), (None, "yeast")):
        body = {"bundle": choice} if choice else {}
        answer = house.user.call("POST", f"/jobs/{job}/rerun", json=body)
        assert answer.json["bundle"] == got
    world = house.server.world
    again = world.complete(world.job(answer.json["job_id"]), b"{}")
    page = house.user.browser.get(f"/jobs/{again.job_id}").text
    assert f"/jobs/{again.job_id}/compare?with={job}" in page
    other = house.ran_on("yeast", "yeast@2")
    refused = house.user.call("POST", f"/jobs/{other}/rerun", json={"bundle": "yeast@1"})
    assert "retired" in problem(refused, 400, "invalid-request")["errors"][0]["message"]


def test_a_job_that_pinned_a_version_that_is_retired_since_can_be_run_again(house: House) -> None:
    house.bucket.publish("yeast", "1")
    job = house.ran_on("yeast@1", "yeast@1")
    house.bucket.retire("yeast@1", "")
    house.later()
    answer = house.user.call("POST", f"/jobs/{job}/rerun", json={})
    assert answer.json["bundle"] == "yeast@1"


def test_a_bucket_that_is_away_or_has_a_broken_entry_takes_nothing_from_what_was_offered(
    house: House,
) -> None:
    house.bucket.publish("yeast", "1")
    house.bucket.write(entry_key("broken@1"), b"{")
    assert ids(house.server.offered.now())[-1] == "yeast@1"
    house.bucket.is_away = True
    house.later()
    assert ids(house.server.offered.now())[-1] == "yeast@1"
    house.bucket.is_away = False
    house.bucket.publish("yeast", "2")
    house.later()
    assert ids(house.server.offered.now())[-2:] == ["yeast@2", "yeast@1"]


def test_without_the_bucket_the_bundles_of_the_settings_are_offered() -> None:
    away = Bucket()
    away.is_away = True
    for files in (away, None):
        assert ids(OfferedBundles(described(BUNDLES), files).now()) == ids(described(BUNDLES))
    only_named = OfferedBundles(described(("yeast",)), away)
    assert only_named.now().default == "yeast"
