"""The public sample: how it is made, who may read it, and that nobody may change it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from gas.domain.account import SYSTEM_USER_ID
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import Fail
from gas.events import FailureCode, Plan
from gas.memory.tables import MemoryUploadTable
from gas.tables.uploads import Upload
from tests.support.web_server import BUNDLES, WebServer, problem
from tests.support.world import GRACE
from web.bundles import DescribedBundle, described
from web.jobs.sample import KEPT_SECONDS, Samples
from web.sample import BUNDLE, FILE
from web.sample.__main__ import wait
from web.sample.making import MAX_TRIES, SampleFailed, SampleMaker, SampleVersion

SUMMARY = b'{"records": 0, "annotated": 0, "ts_tv_ratio": null, "consequences": {}, "genes": {}}'
READ = (
    "",
    "/events",
    "/summary",
    "/log",
    "/result",
    "/table",
    "/variants.parquet",
    "/provenance",
    "/methods",
)


class House:
    """A web server, and what makes its sample."""

    def __init__(self) -> None:
        self.server = WebServer()
        self.world = self.server.world
        ports = self.server.app.extensions["gas"]
        self.maker = SampleMaker(
            self.world.accounts,
            self.world.jobs,
            self.world.job_table,
            self.world.uploads,
            ports.submission,
        )
        (self.bundle,) = (one for one in described(BUNDLES) if one.name == BUNDLE)

    def submit(self, release: str = "1", bundle: DescribedBundle | None = None) -> Job:
        return self.maker.submit(SampleVersion.of(release, bundle or self.bundle), BUNDLE)

    def complete(self, job: Job) -> Job:
        done = self.world.complete(job, SUMMARY)
        row = self.world.db.rows[("jobs", (done.user_id, done.job_id))]
        row["counts"] = {"M": {name: {"N": "1"} for name in ("records", "annotated", "genes")}}
        completed = self.world.job_table.get(done.user_id, done.job_id)
        assert completed
        return completed

    def forget(self) -> None:
        """Let the time pass that a read of the sample is remembered."""
        self.server.samples._read_at = None


@pytest.fixture
def house() -> House:
    return House()


def test_the_sample_is_a_job_of_the_system_on_premium(house: House) -> None:
    job = house.submit()
    account = house.world.account_table.get(SYSTEM_USER_ID)
    assert account
    assert account.plan is Plan.PREMIUM
    assert (job.user_id, job.bundle, job.status) == (SYSTEM_USER_ID, BUNDLE, JobStatus.SUBMITTED)
    assert job.input.filename == FILE.name
    assert b"".join(house.world.inputs.stream(job.input.key)) == FILE.read_bytes()
    completed = house.complete(job)
    service = house.server.app.extensions["gas"].jobs
    assert service.archive_after(completed, account) is None


def test_one_version_is_one_job_and_any_change_of_it_is_another(house: House) -> None:
    first = house.submit()
    assert house.submit() == first
    assert house.submit().job_id == house.complete(first).job_id
    newer = replace_bundle(house.bundle, version="99")
    other_engine = replace_bundle(house.bundle, engine="mehari 99")
    ids = {first.job_id, house.submit("2").job_id}
    ids |= {house.submit(bundle=newer).job_id, house.submit(bundle=other_engine).job_id}
    assert len(ids) == 4


def replace_bundle(bundle: DescribedBundle, **changes: str) -> DescribedBundle:
    return bundle.model_copy(update=changes)


def test_two_processes_at_once_make_one_job(house: House) -> None:
    class Late(MemoryUploadTable):
        """Reads before another process puts the same upload and submits it."""

        def get(self, upload_id: str) -> Upload | None:
            if self.was_asked:
                return super().get(upload_id)
            self.was_asked = True
            return None

        was_asked = False

        def put(self, upload: Upload) -> None:
            others.append(house.submit())
            super().put(upload)
            kept.append(super().get(upload.upload_id))

    others: list[Job] = []
    kept: list[Upload | None] = []
    late = replace(house.maker, uploads=Late(house.world.db))
    job = late.submit(SampleVersion.of("1", house.bundle), BUNDLE)
    assert [other.job_id for other in others] == [job.job_id]
    assert [upload and upload.job_id for upload in kept] == [job.job_id], "it still has its job"


def test_a_sample_that_failed_is_made_again_at_most_so_often(house: House) -> None:
    for _ in range(MAX_TRIES):
        job = house.submit()
        house.world.jobs.execute(job.job_id, Fail(FailureCode.INTERNAL, "broken"))
    with pytest.raises(SampleFailed, match=f"failed {MAX_TRIES} times"):
        house.submit()


def test_the_old_sample_stays_until_the_new_one_is_completed_and_goes_then(house: House) -> None:
    old = house.complete(house.submit("1"))
    new = house.submit("2")
    assert house.server.samples.current() == old
    new = house.complete(new)
    house.forget()
    assert house.server.samples.current() == new
    assert house.server.samples.find(old.job_id) == old
    house.maker.remove_older(new)
    assert house.world.job(old.job_id).status is JobStatus.DELETED
    assert house.server.samples.find(old.job_id) is None
    assert house.server.samples.current() == new


def test_a_link_to_an_earlier_sample_leads_to_the_current_one(house: House) -> None:
    old, new = (house.complete(house.submit(release)) for release in ("1", "2"))
    house.maker.remove_older(new)
    stranger = house.server.app.test_client()
    user = house.server.user()
    for browser in (stranger, user.browser):
        moved = browser.get(f"/jobs/{old.job_id}/log?from={old.job_id}")
        assert moved.status_code == 302
        assert moved.location == f"/jobs/{new.job_id}/log?from={old.job_id}"
        shouted = browser.get(f"/jobs/{old.job_id.upper()}")
        assert shouted.location == f"/jobs/{new.job_id}"
    problem(stranger.get(f"/api/v1/jobs/{old.job_id}"), 401, "unauthorized")
    problem(user.call("GET", f"/jobs/{old.job_id}"), 404, "not-found")


def test_an_older_sample_that_never_completed_goes_too_and_a_rollback_makes_a_new_one(
    house: House,
) -> None:
    stuck = house.submit("1")
    new = house.complete(house.submit("2"))
    house.maker.remove_older(new)
    assert house.world.job(stuck.job_id).status is JobStatus.DELETED
    assert house.submit("1").job_id not in {stuck.job_id, new.job_id}


def test_waiting_ends_with_the_result_or_says_why_there_is_none(house: House) -> None:
    job = house.submit()
    with pytest.raises(SampleFailed, match=r"after 0 s the job .* is submitted"):
        wait(lambda: house.world.job(job.job_id), 0)
    house.world.jobs.execute(job.job_id, Fail(FailureCode.INTERNAL, "broken"))
    with pytest.raises(SampleFailed, match="broken"):
        wait(lambda: house.world.job(job.job_id), 0)
    again = house.complete(house.submit())
    assert wait(lambda: again, 0) == again


def test_anyone_reads_the_sample_with_and_without_an_account(house: House) -> None:
    job = house.complete(house.submit())
    stranger = house.server.app.test_client()
    start = stranger.get("/")
    assert "Look at a sample result" in start.text
    assert "HG00096" in start.text
    page = stranger.get("/sample", follow_redirects=True)
    assert page.status_code == 200
    assert page.request.path == f"/jobs/{job.job_id}"
    assert "HG00096" in page.text
    assert "Delete this job" not in page.text
    for path in READ:
        assert stranger.get(f"/api/v1/jobs/{job.job_id}{path}").status_code in {200, 302}, path
    for path in ("/log", "/download", "/table", "/variants.parquet"):
        assert stranger.get(f"/jobs/{job.job_id}{path}").status_code in {200, 302}, path
    user = house.server.user()
    assert user.call("GET", f"/jobs/{job.job_id}").json["archive_after"] is None
    assert "Log out" in user.browser.get(f"/jobs/{job.job_id}").text
    assert user.call("GET", "/jobs").json["jobs"] == []


def test_nobody_changes_the_sample(house: House) -> None:
    job = house.complete(house.submit())
    user, stranger = house.server.user(), house.server.app.test_client()
    problem(user.call("DELETE", f"/jobs/{job.job_id}"), 404, "not-found")
    problem(user.call("POST", f"/jobs/{job.job_id}/cancel"), 404, "not-found")
    problem(stranger.delete(f"/api/v1/jobs/{job.job_id}"), 401, "unauthorized")
    assert stranger.post(f"/jobs/{job.job_id}/delete").status_code == 302, "to the login"
    house.world.pass_time(GRACE * 2)
    assert house.world.job(job.job_id).status is JobStatus.COMPLETED


def test_a_sample_that_is_not_completed_and_jobs_of_others_are_closed(house: House) -> None:
    stranger = house.server.app.test_client()
    running = house.submit()
    theirs = house.world.completed(house.server.user("bob").id)
    for job in (running, theirs):
        problem(stranger.get(f"/api/v1/jobs/{job.job_id}"), 401, "unauthorized")
        assert stranger.get(f"/jobs/{job.job_id}").status_code == 302
    assert "Look at a sample result" not in stranger.get("/").text
    page = stranger.get("/sample")
    assert page.status_code == 404
    assert "no sample at the moment" in page.text


def test_the_start_page_reads_the_sample_seldom_and_lives_without_the_database(
    house: House,
) -> None:
    now = [0.0]
    table = house.world.job_table
    samples = Samples(table, clock=lambda: now[0])
    assert samples.current() is None
    job = house.complete(house.submit())
    assert samples.current() is None, "remembered"
    now[0] += KEPT_SECONDS + 1
    assert samples.current() == job

    def unreachable(*_: object, **__: object) -> object:
        raise EndpointConnectionError(endpoint_url="http://db")

    table.page = unreachable  # type: ignore[assignment,method-assign]
    now[0] += KEPT_SECONDS + 1
    assert samples.current() == job, "the last one that is known"


def test_a_users_job_is_looked_for_among_the_samples_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, other = house.server.user("ada"), house.server.user("bob")
    job = house.world.complete(house.world.submit(user.id), SUMMARY)
    table, asked = house.world.job_table, list[str]()

    def noted(user_id: str, job_id: str, get: Any = table.get) -> Job | None:
        asked.append(user_id)
        return cast("Job | None", get(user_id, job_id))

    monkeypatch.setattr(table, "get", noted)
    for reader, status in ((other, 404), (user, 200), (user, 200), (other, 404)):
        assert reader.call("GET", f"/jobs/{job.job_id}/summary").status_code == status
    assert [asked.count(id) for id in (SYSTEM_USER_ID, user.id, other.id)] == [2, 2, 2]


def test_text_that_is_no_id_is_no_sample(house: House) -> None:
    assert house.server.samples.find("nothing") is None
