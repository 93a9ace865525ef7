"""The list of jobs: searching, sorting, filters, pages, tags, and acts on several jobs."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import Cancel
from tests.support import web_pages
from tests.support.web_server import User, WebServer, problem


def submitted(user: User, name: str, bundle: str = "human-mt", size: int = 4) -> Job:
    user.server.world.pass_time(timedelta(seconds=1))
    return user.server.world.submit(user.id, b"x" * size, bundle, filename=name)


def shown(user: User, question: str = "") -> list[str]:
    page = user.browser.get(f"/jobs{question}").text
    return re.findall(r'title="([^"]*)" href="/jobs/[0-9a-f-]{36}"', page)


def posted(user: User, act: str, *job_ids: str, **more: str) -> Any:
    return web_pages.press(user, "/jobs/bulk", act=act, job_id=list(job_ids), **more)


def press(user: User, act: str, *jobs: Job, **more: str) -> str:
    return str(posted(user, act, *(job.job_id for job in jobs), **more).text)


def test_jobs_are_found_by_a_part_of_their_name_in_any_case(user: User) -> None:
    for name in ("Trio-Miller.vcf", "control.vcf", "miller_2.vcf.gz"):
        submitted(user, name)
    assert shown(user, "?q=MILLER") == ["miller_2.vcf.gz", "Trio-Miller.vcf"]
    assert shown(user, "?q=%F0%9F%92%A5") == []
    assert "Show all jobs" in user.browser.get("/jobs?q=nothing").text


def test_a_list_follows_its_jobs_whatever_they_are_since_other_tabs_change_them(user: User) -> None:
    assert 'data-live="no"' in user.browser.get("/jobs").text
    world = user.server.world
    world.archive(world.completed(user.id))
    page = user.browser.get("/jobs")
    assert 'data-live="yes"' in page.text


def test_filters_and_orders_work_together(user: User) -> None:
    submitted(user, "b.vcf", size=30)
    other = submitted(user, "A.vcf", bundle="grch38-21q21", size=10)
    last = submitted(user, "c.vcf", size=20)
    user.server.world.jobs.execute(other.job_id, Cancel(user.id, "r"))
    assert shown(user, "?sort=name") == ["A.vcf", "b.vcf", "c.vcf"]
    assert shown(user, "?sort=-size") == ["b.vcf", "c.vcf", "A.vcf"]
    assert shown(user, "?sort=submitted&status=submitted") == ["b.vcf", "c.vcf"]
    assert shown(user, "?bundle=grch38-21q21") == ["A.vcf"]
    assert shown(user, "?sort=nonsense&status=deleted") == ["c.vcf", "A.vcf", "b.vcf"]
    page = user.browser.get("/jobs?status=submitted").text
    assert "Cancelled (1)" in page
    assert "human-mt (2)" in page
    assert last.job_id in page


def test_a_reference_finds_what_named_it_and_what_it_was_found_for(user: User) -> None:
    world = user.server.world
    for name, bundle, ran_on in (
        ("named.vcf", "human-mt", "human-mt@1"),
        ("found.vcf", "auto", "human-mt@2"),
        ("version.vcf", "grch38-21q21@1", "grch38-21q21@1"),
    ):
        world.complete(submitted(user, name, bundle), bundle_version=ran_on)
    submitted(user, "waits.vcf", "auto")
    assert shown(user, "?bundle=human-mt") == ["found.vcf", "named.vcf"]
    assert shown(user, "?bundle=auto") == ["waits.vcf", "found.vcf"]
    assert shown(user, "?bundle=grch38-21q21") == ["version.vcf"]
    assert shown(user, "?bundle=grch38-21q21@1") == ["version.vcf"]
    page = user.browser.get("/jobs").text
    assert "human-mt (2)" in page
    assert "Found from the header (2)" in page
    listed = user.call("GET", "/jobs?bundle=human-mt").json["jobs"]
    assert [job["filename"] for job in listed] == ["found.vcf", "named.vcf"]


@pytest.mark.parametrize("sort", ["-submitted", "submitted", "name", "-name", "size", "-size"])
def test_pages_have_every_job_once_in_every_order(user: User, sort: str) -> None:
    made = [submitted(user, f"{n % 3}.vcf", size=n % 2 + 1).job_id for n in range(45)]
    seen: list[str] = []
    address = f"/jobs?sort={sort}"
    while address:
        page = user.browser.get(address).text
        seen += re.findall(r'<tr id="job-([^"]*)"', page)
        following = re.search(r'href="([^"]*)">Older', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert sorted(seen) == sorted(made)


def test_a_page_goes_on_where_it_was_though_the_job_of_its_cursor_is_gone(user: User) -> None:
    made = [submitted(user, f"{n:02}.vcf") for n in range(25)]
    first = user.browser.get("/jobs").text
    following = re.search(r'href="([^"]*)">Older', first)
    assert following
    last_shown = made[5]
    user.server.world.jobs.execute(last_shown.job_id, Cancel(user.id, "r"))
    press(user, "delete", last_shown)
    page = user.browser.get(following[1]).text
    assert re.findall(r'title="(\d\d).vcf"', page) == ["04", "03", "02", "01", "00"]
    assert user.browser.get("/jobs?cursor=bm9uc2Vuc2U").status_code == 302


def test_a_list_follows_what_happens_elsewhere_and_reads_only_that(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = user.server.world.jobs
    job = submitted(user, "a.vcf")
    assert "submitted" in user.browser.get("/jobs").text
    read: list[str] = []
    table = type(user.server.world.job_list)

    def noting(name: str) -> Any:
        method = getattr(table, name)

        def noted(*given: Any) -> Any:
            read.append(name)
            return method(*given)

        return noted

    for name in ("newest", "changed"):
        monkeypatch.setattr(table, name, noting(name))
    jobs.execute(job.job_id, Cancel(user.id, "r"))
    assert shown(user, "?status=cancelled") == ["a.vcf"]
    submitted(user, "b.vcf")
    assert shown(user) == ["b.vcf", "a.vcf"]
    assert read == ["changed", "changed"]


def test_others_jobs_are_neither_listed_nor_changed(server: WebServer, user: User) -> None:
    theirs = submitted(server.user("eve"), "secret.vcf")
    assert shown(user, "?q=secret") == []
    page = press(user, "cancel", theirs)
    assert "You have no job with this id." in page
    assert server.world.job(theirs.job_id).status is JobStatus.SUBMITTED
    assert "You have no job with this id." in press(user, "download", theirs)


def test_several_jobs_are_cancelled_and_what_has_ended_stays_with_the_reason(user: User) -> None:
    waiting = [submitted(user, f"{n}.vcf") for n in range(3)]
    done = user.server.world.complete(submitted(user, "done.vcf"))
    page = press(user, "cancel", *waiting, done)
    assert "3 jobs are cancelled." in page
    assert "1 stayed as it was: A job that has ended cannot be cancelled." in page
    again = press(user, "cancel", *waiting)
    assert "3 jobs are cancelled." in again  # a double click


def test_nothing_chosen_and_nonsense_are_told(user: User) -> None:
    assert "Tick the jobs first" in press(user, "cancel")
    assert "Tick the jobs first" in posted(user, "delete", "../x").text
    job = submitted(user, "a.vcf")
    assert "Write the tag into the field" in press(user, "tag", job)


def test_results_of_several_jobs_come_as_one_zip_file(user: User) -> None:
    world = user.server.world
    first, twin = (world.complete(submitted(user, "x.vcf"), f"{n}".encode()) for n in (1, 2))
    waiting = submitted(user, "wait.vcf")
    jobs = (first, twin, waiting)
    answer = posted(user, "download", *(job.job_id for job in jobs))
    assert answer.content_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        twins = f"{twin.job_id}-x.annot.vcf.gz"
        assert set(archive.namelist()) == {"x.annot.vcf.gz", twins, "LEFT-OUT.txt"}
        assert (archive.read("x.annot.vcf.gz"), archive.read(twins)) == (b"1", b"2")
        assert "wait.vcf" in archive.read("LEFT-OUT.txt").decode()


def test_tags_are_added_shown_searched_and_removed(user: User) -> None:
    first, second, third = (submitted(user, f"{n}.vcf") for n in range(3))
    press(user, "tag", first, third, tag=" trio ")
    assert shown(user, "?tag=trio") == ["2.vcf", "0.vcf"]
    assert shown(user, "?q=TRI") == ["2.vcf", "0.vcf"]
    press(user, "untag", first, tag="trio")
    assert shown(user, "?tag=trio") == ["2.vcf"]
    assert '<option value="trio">' in user.browser.get("/jobs").text
    assert "a tag has 1 to 40 characters" in press(user, "tag", second, tag="a,b")
    assert shown(user, "?q=trio") == ["2.vcf"]
    press(user, "delete", third)
    assert '<option value="trio">' not in user.browser.get("/jobs").text


def test_a_new_user_is_told_how_it_goes(user: User) -> None:
    page = user.browser.get("/jobs").text
    assert "Send a VCF file" in page
    assert "Annotate your first file" in page
    assert 'id="several"' not in page


def test_the_api_searches_sorts_and_tags(user: User) -> None:
    upload = user.uploaded(name="batch-1.vcf")
    made = user.call("POST", "/jobs", json={"upload_id": upload, "tags": ["batch"]}).json
    submitted(user, "other.vcf")
    found = user.call("GET", "/jobs?tag=batch").json
    assert [job["job_id"] for job in found["jobs"]] == [made["job_id"]]
    assert [job["filename"] for job in user.call("GET", "/jobs?sort=name").json["jobs"]] == [
        "batch-1.vcf",
        "other.vcf",
    ]
    path = f"/jobs/{made['job_id']}/tags"
    changed = user.call("POST", path, json={"add": ["x"], "remove": ["batch"]}).json
    assert changed == {"tags": ["x"]}
    assert user.call("GET", path).json == {"tags": ["x"]}
    problem(user.call("GET", "/jobs?sort=upwards"), 400, "invalid-request")
    problem(user.call("POST", path, json={"add": ["a,b"]}), 400, "invalid-request")
    problem(user.server.user("eve").call("GET", path), 404, "not-found")
    page = user.call("GET", "/jobs?sort=name&limit=1").json
    following = user.call("GET", f"/jobs?sort=name&limit=1&cursor={page['next_cursor']}").json
    assert [job["filename"] for job in following["jobs"]] == ["other.vcf"]
