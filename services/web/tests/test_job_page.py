"""What the page of a job tells: timeline, files with their proofs, notes, archive and restore."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from gas.domain.job import Job
from gas.domain.job_rules import RequestRestore, Restore, Start
from gas.domain.job_split import SplitIntoParts
from gas.events import ResultKind, Tier
from tests.support.web_server import User
from web.jobs.restore_estimate import restore_estimate

STEPS = (
    "Sent the file",
    "Began",
    "Completed the result",
    "Moved the annotated VCF to the archive",
    "Asked cold storage for the result",
    "Brought the result back",
)


def completed(user: User, **summary: object) -> Job:
    world = user.server.world
    document = {"records": 1, "annotated": 1, "ts_tv_ratio": None, "genes": {}, **summary}
    document.setdefault("consequences", {"x": 1})
    job = world.complete(world.submit(user.id), json.dumps(document).encode())
    counts = {"records": {"N": "1"}, "annotated": {"N": "1"}, "genes": {"N": "1"}}
    world.db.rows[("jobs", (user.id, job.job_id))]["counts"] = {"M": counts}
    return job


def archived(user: User, job: Job) -> Job:
    job = user.server.world.archive(job)
    counts = {"records": {"N": "1"}, "annotated": {"N": "1"}, "genes": {"N": "1"}}
    user.server.world.db.rows[("jobs", (user.id, job.job_id))]["counts"] = {"M": counts}
    return job


def page_of(user: User, job: Job) -> str:
    answer = user.browser.get(f"/jobs/{job.job_id}")
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_the_timeline_tells_who_did_what_and_where_the_data_was(user: User) -> None:
    world = user.server.world
    job = completed(user)
    warm = job.result(ResultKind.VCF)
    job = world.archive(job)
    job = world.jobs.execute(job.job_id, RequestRestore(Tier.EXPEDITED, world.now()))
    assert job.archive
    assert warm
    proof = job.archive.sha256
    world.jobs.execute(job.job_id, Restore(warm.model_copy(update={"key": "new"})))
    counts = {"records": {"N": "1"}, "annotated": {"N": "1"}, "genes": {"N": "1"}}
    world.db.rows[("jobs", (user.id, job.job_id))]["counts"] = {"M": counts}
    page = page_of(user, job)
    places = [page.index(f"<strong>{what}</strong>") for what in STEPS]
    assert places == sorted(places)
    timeline = page[page.index('id="timeline"') :]
    assert timeline.count(proof) == 2  # as it was archived, and as it came back
    assert timeline.count("File and result are at hand.") == 2
    assert timeline.count("The annotated VCF is in cold storage only") == 2


def test_the_timeline_tells_that_a_file_was_cut_into_parts(user: User) -> None:
    world = user.server.world
    job = world.jobs.execute(world.submit(user.id).job_id, Start("e", "b"))
    world.jobs.execute(job.job_id, SplitIntoParts(1, 1200, "plan"))
    assert "Cut the file into 1,200 parts" in page_of(user, job)


def test_a_visitor_with_a_link_sees_no_timeline_and_no_tags(user: User) -> None:
    job = completed(user)
    user.call("POST", f"/jobs/{job.job_id}/tags", json={"add": ["private"]})
    assert "private" in page_of(user, job)
    share = user.call("POST", f"/jobs/{job.job_id}/shares", json={"days": 1}).json
    page = user.server.app.test_client().get(f"/jobs/{job.job_id}?share={share['token']}")
    assert page.status_code == 200
    assert "What happened" not in page.text
    assert "private" not in page.text


def test_files_have_size_and_checksum_and_what_is_archived_is_named(user: User) -> None:
    job = completed(user)
    page = page_of(user, job)
    files = page[page.index('id="files"') : page.index('id="timeline"')]
    for kind in (ResultKind.VCF, ResultKind.TABLE, ResultKind.VARIANTS, ResultKind.LOG):
        file = job.result(kind)
        assert file
        assert file.sha256 in files
    assert f"/api/v1/jobs/{job.job_id}/provenance" in files
    assert f'href="/jobs/{job.job_id}/download"' in files
    cold = page_of(user, archived(user, job))
    assert "in the archive" in cold
    assert f'href="/jobs/{job.job_id}/download"' not in cold


def test_notes_are_grouped_by_kind_with_lines_and_what_to_do(user: User) -> None:
    first = [{"line": 7, "text": "x"}, {"line": 9, "text": "y"}]
    notes = [
        {"kind": "repair", "rule": None, "about": "CRLF", "count": 1, "first": []},
        {"kind": "fault", "rule": "R1", "about": "<QUAL> is no number", "count": 3, "first": first},
    ]
    page = page_of(user, completed(user, diagnostics=notes))
    assert "&lt;QUAL&gt; is no number" in page
    assert "lines 7, 9 …" in page
    assert "Mend them in your file" in page
    assert page.index("Against the rules of VCF") < page.index(">Repaired")


def test_the_page_says_how_long_a_job_runs_yet_and_how_long_a_result_stays(user: User) -> None:
    world = user.server.world
    job = world.jobs.execute(world.submit(user.id).job_id, Start("e", "b"))
    world.pass_time(timedelta(minutes=2))
    user.server.progress.record(job.job_id, 0.5, 1_000, 1)
    assert "1,000 records so far, about 2 minutes left." in page_of(user, job)
    page = page_of(user, completed(user))
    assert "Stays at hand for" in page
    assert "data-until=" in page
    assert "Upgrade to Premium before, and it stays" in page


def test_the_page_of_an_archived_job_follows_it_until_it_is_back(user: User) -> None:
    job = archived(user, completed(user))
    page = page_of(user, job)
    assert 'data-live="yes"' in page
    assert f'data-version="{job.version}"' in page


def test_an_archived_result_says_what_a_restore_takes_before_anybody_asks(user: User) -> None:
    job = archived(user, completed(user))
    page = page_of(user, job)
    for words in ("1 to 5 minutes", "3 to 5 hours", "nothing beyond the plan"):
        assert words in page
    assert job.archive
    assert job.archive.sha256 in page


@pytest.mark.parametrize(
    ("size_bytes", "tiers", "expected"),
    [
        (2 * 10**6, "expedited,standard", ("1 to 5 minutes", "3 to 5 hours", "about $0.01")),
        (10**12, "expedited,bulk", ("1 to 5 minutes", "5 to 12 hours", "about $30.01")),
        (2 * 10**6, "standard", ("3 to 5 hours", None, "less than a cent")),
        (10**12, "bulk", ("5 to 12 hours", None, "nothing")),
    ],
)
def test_time_and_cost_follow_the_tiers_and_the_size(
    size_bytes: int, tiers: str, expected: tuple[str, str | None, str]
) -> None:
    found = restore_estimate(size_bytes, [Tier(tier) for tier in tiers.split(",")])
    assert (found.usual, found.otherwise, found.price) == expected
