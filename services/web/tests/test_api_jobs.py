"""Jobs in the REST API, on in-memory ports."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gas.domain.job_rules import Start
from gas.domain.job_split import SplitIntoParts
from gas.events import Lane
from tests.support.web_server import User, WebServer, problem


def test_a_job_has_all_the_promised_fields(server: WebServer) -> None:
    user = server.user()
    job = user.call("GET", f"/jobs/{user.submitted()}").json
    assert set(job) == {
        *(
            "job_id",
            "status",
            "filename",
            "size_bytes",
            "bundle",
            "bundle_version",
            "submitted_at",
            "started_at",
        ),
        *("completed_at", "archived_at", "archive_after", "progress", "queue", "counts", "error"),
        "version",
        "split_multiallelics",
        "rerun_of",
        "bundle_version",
        "fetched_from",
        "awaits_fetch",
    }
    assert (job["status"], job["filename"], job["size_bytes"]) == ("submitted", "my.vcf.gz", 100)


def test_an_unfinished_upload_cannot_be_submitted(server: WebServer) -> None:
    user = server.user()
    promised = user.call("POST", "/uploads", json={"filename": "a.vcf", "size_bytes": 1}).json
    body = {"upload_id": promised["upload_id"]}
    problem(user.call("POST", "/jobs", json=body), 409, "upload-not-finished")


def test_unknown_and_foreign_uploads_look_the_same(server: WebServer) -> None:
    upload_id = server.user("ada").uploaded()
    stranger = server.user("bob")
    foreign = problem(
        stranger.call("POST", "/jobs", json={"upload_id": upload_id}), 409, "upload-not-found"
    )
    unknown = problem(
        stranger.call("POST", "/jobs", json={"upload_id": "0" * 36}), 409, "upload-not-found"
    )
    assert foreign == unknown
    assert foreign["errors"][0]["field"] == "upload_id"


def test_a_job_is_pinned_to_what_its_upload_was_at_submission(server: WebServer) -> None:
    user, inputs = server.user(), server.world.inputs
    job = server.world.jobs.load(user.submitted())
    assert job is not None
    submitted = inputs.info(job.input.key)
    assert submitted.version_id is not None
    pin = (job.input.version_id, job.input.etag, job.input.size_bytes)
    assert pin == (submitted.version_id, submitted.etag.strip('"'), 100)


def test_submitting_an_upload_twice_gives_the_same_job(server: WebServer) -> None:
    user = server.user()
    upload_id = user.uploaded()
    ids = {
        user.call("POST", "/jobs", json={"upload_id": upload_id}).json["job_id"] for _ in range(3)
    }
    assert len(ids) == 1


def test_the_same_idempotency_key_gives_the_same_job(server: WebServer) -> None:
    user, other = server.user("ada"), server.user("bob")

    def submit(who: User, key: str, upload_id: str) -> str:
        body = {"upload_id": upload_id}
        answer = who.call("POST", "/jobs", json=body, headers={"Idempotency-Key": key})
        return str(answer.json["job_id"])

    upload_id = user.uploaded()
    first = submit(user, "k1", upload_id)
    assert submit(user, "k1", upload_id) == first
    assert submit(user, "k2", user.uploaded()) != first
    assert submit(other, "k1", other.uploaded()) != first


def test_the_chosen_options_are_shown_and_stored_in_the_event(server: WebServer) -> None:
    user = server.user()
    body = {"upload_id": user.uploaded(), "bundle": "auto", "split_multiallelics": True}
    job = user.call("POST", "/jobs", json=body).json
    assert (job["bundle"], job["split_multiallelics"]) == ("auto", True)
    (submitted,) = user.call("GET", f"/jobs/{job['job_id']}/events").json
    assert submitted["data"]["split_multiallelics"] is True
    plain = user.call("POST", "/jobs", json={"upload_id": user.uploaded()}).json
    assert plain["split_multiallelics"] is False


def test_an_unknown_bundle_is_refused(server: WebServer) -> None:
    user = server.user()
    body = {"upload_id": user.uploaded(), "bundle": "martian"}
    assert problem(user.call("POST", "/jobs", json=body), 400, "invalid-request")["errors"] == [
        {"field": "bundle", "message": "must be one of auto, human-mt, grch38-21q21"}
    ]


def test_every_view_of_another_users_job_is_404(server: WebServer) -> None:
    job_id = server.user("ada").submitted()
    stranger = server.user("bob")
    for path in ("", "/events", "/result", "/log", "/summary"):
        problem(stranger.call("GET", f"/jobs/{job_id}{path}"), 404, "not-found")
    problem(stranger.call("POST", f"/jobs/{job_id}/cancel"), 404, "not-found")
    problem(stranger.call("DELETE", f"/jobs/{job_id}"), 404, "not-found")
    assert stranger.browser.get(f"/jobs/{job_id}").status_code == 404
    problem(stranger.call("GET", "/jobs/not-an-id"), 404, "not-found")


def test_pages_of_jobs_are_newest_first_and_complete(server: WebServer) -> None:
    user = server.user()
    made = [user.submitted() for _ in range(7)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = user.call("GET", f"/jobs?limit=3&cursor={cursor}").json
        seen += [job["job_id"] for job in page["jobs"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


def test_jobs_can_be_filtered_by_status(server: WebServer) -> None:
    user = server.user()
    first, second = user.submitted(), user.submitted()
    user.call("POST", f"/jobs/{first}/cancel")

    def with_status(status: str) -> list[str]:
        return [job["job_id"] for job in user.call("GET", f"/jobs?status={status}").json["jobs"]]

    assert with_status("cancelled") == [first]
    assert with_status("submitted") == [second]
    assert with_status("failed") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("limit=²", "limit"),
        ("limit=٣", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=101", "limit"),
        ("status=lost", "status"),
        ("status=deleted", "status"),
        ("cursor=zzz", "cursor"),
    ],
)
def test_invalid_parameters_are_refused_by_name(server: WebServer, query: str, field: str) -> None:
    document = problem(server.user().call("GET", f"/jobs?{query}"), 400, "invalid-request")
    assert document["errors"][0]["field"] == field


def test_the_events_of_a_job_are_cloudevents_in_order(server: WebServer) -> None:
    user = server.user()
    job = server.world.complete(server.world.submit(user.id))
    answer = user.call("GET", f"/jobs/{job.job_id}/events")
    assert answer.content_type == "application/cloudevents-batch+json"
    assert [event["streamversion"] for event in answer.json] == [1, 2, 3]
    assert "example.org" not in answer.text, "no personal data in events"


def test_progress_is_shown_while_a_job_runs(server: WebServer) -> None:
    user = server.user()
    job_id = user.submitted()
    server.world.jobs.execute(job_id, Start("e", "b"))
    server.progress.record(job_id, 0.25, 1000, 1)
    server.world.pass_time(timedelta(seconds=60))
    assert user.call("GET", f"/jobs/{job_id}").json["progress"] == {
        "fraction": 0.25,
        "variants": 1000,
        "seconds_left": 180.0,
        "parts": None,
    }
    page = user.browser.get(f"/jobs/{job_id}").text
    assert "1,000 records so far, about 3 minutes left." in page


def test_a_job_in_parts_shows_how_many_are_done(server: WebServer) -> None:
    user = server.user()
    job_id = user.submitted()
    server.world.jobs.execute(job_id, Start("e", "b"))
    server.world.jobs.execute(job_id, SplitIntoParts(1, 3, "plan"))
    server.progress.begin_parts(job_id, "plan", 1)
    assert user.call("GET", f"/jobs/{job_id}").json["progress"]["parts"] == {"done": 0, "of": 3}
    for number in (0, 2):
        server.progress.part_done(job_id, "plan", number, 1 / 3, 500)
    shown = user.call("GET", f"/jobs/{job_id}").json["progress"]
    assert (shown["parts"], shown["variants"]) == ({"done": 2, "of": 3}, 1000)
    page = user.browser.get(f"/jobs/{job_id}").text
    assert "1,000 records so far, 2 of 3 parts done" in page


def test_a_job_can_be_cancelled_and_then_deleted(server: WebServer) -> None:
    user = server.user()
    job_id = user.submitted()
    assert user.call("POST", f"/jobs/{job_id}/cancel").json["status"] == "cancelled"
    assert user.call("DELETE", f"/jobs/{job_id}").status_code == 204
    problem(user.call("GET", f"/jobs/{job_id}"), 404, "not-found")
    assert user.call("GET", "/jobs").json["jobs"] == []


def test_a_waiting_job_shows_how_many_are_ahead_in_fair_order(server: WebServer) -> None:
    busy, calm = server.user("busy"), server.user("calm")
    for _ in range(5):
        last = busy.submitted()
    only = calm.submitted()
    assert busy.call("GET", f"/jobs/{last}").json["queue"]["ahead"] == 4
    place = calm.call("GET", f"/jobs/{only}").json["queue"]
    assert place == {"ahead": 1, "ahead_is_at_least": False, "starts_in_seconds": None}
    server.progress.record_pace(Lane.SMALL, 30.0)
    assert calm.call("GET", f"/jobs/{only}").json["queue"]["starts_in_seconds"] == 30.0
    page = calm.browser.get(f"/jobs/{only}").text
    assert "1 job is ahead of this one; it is likely to start within a minute or two" in page
    listed = calm.call("GET", "/jobs").json["jobs"][0]
    assert listed["queue"] is None
