"""Two results beside each other: counts and alleles against those of DuckDB on each file alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from annotator.runner import protocol
from gas.domain.job import Job
from tests.support.exports import Exports, completed
from tests.support.web_server import WebServer, problem

Alleles = dict[tuple[int, str, str], tuple[Any, ...]]


def alleles(folder: Path, where: str = "TRUE") -> Alleles:
    path = folder / protocol.RESULT_VARIANTS
    rows = duckdb.execute(
        f"SELECT pos, ref, alt, consequence, clin_sig, feature, is_pathogenic FROM '{path}'"
        f" WHERE ({where}) AND coalesce(samples_carrying, 1) > 0"
    ).fetchall()
    found: Alleles = {}
    for pos, ref, alt, *values in rows:
        found.setdefault((pos, ref, alt), tuple(values))
    return found


@pytest.fixture
def other(random: Exports, server: WebServer, sample_result: Path) -> Job:
    return completed(server, random.user, sample_result)


Compare = Callable[..., Any]


@pytest.fixture
def compare(random: Exports) -> Compare:
    def compared(here: Job, there: Job, query: str = "") -> Any:
        return random.user.call("GET", f"/jobs/{here.job_id}/compare/{there.job_id}{query}").json

    return compared


def test_counts_and_items_are_those_of_the_two_files(
    random: Exports, other: Job, sample_result: Path, compare: Compare
) -> None:
    here, there = alleles(random.folder), alleles(sample_result)
    found = compare(random.job, other)
    both = here.keys() & there.keys()
    changed = {one for one in both if here[one][:3] != there[one][:3]}
    assert found["counts"] == {
        "changed": len(changed),
        "only_here": len(here.keys() - there.keys()),
        "only_there": len(there.keys() - here.keys()),
        "same": len(both - changed),
    }
    assert found["new_pathogenic"] == sum(
        values[3] and not (one in there and there[one][3]) for one, values in here.items()
    )
    assert all(item["difference"] != "same" for item in found["items"])
    listed = compare(random.job, other, "?difference=only_there")["items"]
    assert {(i["pos"], i["ref"], i["alt"]) for i in listed} == there.keys() - here.keys()
    assert all(item["here"] is None and item["there"]["key"] for item in listed)


def test_a_job_differs_in_nothing_from_itself_and_the_other_way_round_mirrors(
    random: Exports, other: Job, compare: Compare
) -> None:
    itself = compare(random.job, random.job)
    assert itself["items"] == []
    assert itself["counts"]["same"] == len(alleles(random.folder))
    one, back = compare(random.job, other)["counts"], compare(other, random.job)["counts"]
    assert one["only_here"] == back["only_there"]
    assert one["only_there"] == back["only_here"]


def test_new_pathogenic_ones_come_first(random: Exports, other: Job, compare: Compare) -> None:
    found = compare(random.job, other)
    assert found["new_pathogenic"] > 0
    flags = [item["is_new_pathogenic"] for item in found["items"]]
    assert flags == sorted(flags, reverse=True)
    assert sum(flags) == found["new_pathogenic"]


def test_the_page_compares_and_says_what_to_do_without_another_job(
    random: Exports, server: WebServer, sample_result: Path
) -> None:
    path = f"/jobs/{random.job.job_id}/compare"
    assert "no other completed job" in random.user.browser.get(path).text
    other = completed(server, random.user, sample_result)
    assert f'value="{other.job_id}"' in random.user.browser.get(path).text
    page = random.user.browser.get(f"{path}?with={other.job_id}&difference=changed")
    assert page.status_code == 200
    assert "Only there" in page.text


def test_jobs_of_others_and_unknown_differences_are_refused(
    random: Exports, other: Job, server: WebServer
) -> None:
    path = f"/jobs/{random.job.job_id}/compare/{other.job_id}"
    problem(server.user("stranger").call("GET", path), 404, "not-found")
    problem(random.user.call("GET", f"{path}?difference=none"), 400, "invalid-request")
    server.world.archive(other)
    problem(random.user.call("GET", path), 409, "result-archived")
