"""The REST API, on ports in memory."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from gas.domain.job_rules import Archive, Complete, Fail, Start
from gas.events import FailureCode, Lane, ResultFile, ResultKind
from tests.site import FREE_LIMIT, Site, User, problem
from web.accounts.billing import NoBilling
from web.bundles import described


@pytest.fixture
def site() -> Site:
    return Site()


def test_a_job_has_all_the_promised_fields(site: Site) -> None:
    user = site.user()
    job = user.call("GET", f"/jobs/{user.submitted()}").json
    assert set(job) == {
        *("job_id", "status", "filename", "size_bytes", "bundle", "submitted_at", "started_at"),
        *("completed_at", "archived_at", "archive_after", "progress", "queue", "counts", "error"),
        "version",
        "split_multiallelics",
    }
    assert (job["status"], job["filename"], job["size_bytes"]) == ("submitted", "my.vcf.gz", 100)


def test_without_a_valid_token_nobody_is_let_in(site: Site) -> None:
    user = site.user()
    other = f"{user.token[:-4]}aaaa"
    for header in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Bearer {other}"}):
        answer = site.app.test_client().get("/api/v1/jobs", headers=header)
        problem(answer, 401, "unauthorized")
        assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_a_revoked_token_no_longer_works(site: Site) -> None:
    user = site.user()
    kept = site.accounts.profiles.get(user.id).tokens[0]  # type: ignore[union-attr]
    site.accounts.profiles.remove_token(user.id, kept.sha256)
    problem(user.call("GET", "/account"), 401, "unauthorized")


def test_an_upload_over_the_plans_limit_says_the_limit_and_how_to_upgrade(site: Site) -> None:
    user = site.user()
    body = {"filename": "a.vcf", "size_bytes": FREE_LIMIT + 1}
    said = problem(user.call("POST", "/uploads", json=body), 413, "upload-too-large")
    assert said["limit_bytes"] == FREE_LIMIT
    assert "upgrade" in said["detail"]
    user.call("POST", "/account/upgrade")
    assert user.call("POST", "/uploads", json=body).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"size_bytes": 1}, "filename"),
        ({"filename": "a.vcf"}, "size_bytes"),
        ({"filename": "a.vcf", "size_bytes": "1"}, "size_bytes"),
        ({"filename": "a.vcf", "size_bytes": True}, "size_bytes"),
        ({"filename": "a.vcf", "size_bytes": 1.5}, "size_bytes"),
        ({"filename": "a.vcf", "size_bytes": -1}, "size_bytes"),
        ({"filename": "../a.vcf", "size_bytes": 1}, "filename"),
        ({"filename": "", "size_bytes": 1}, "filename"),
        ({"filename": "a.vcf", "size_bytes": 1, "colour": "red"}, "colour"),
        ([], "body"),
    ],
)
def test_a_faulty_body_names_the_field(site: Site, body: object, field: str) -> None:
    said = problem(site.user().call("POST", "/uploads", json=body), 422, "invalid-request")
    assert [fault["field"] for fault in said["errors"]] == [field]
    assert field in said["detail"]


def test_malformed_json_is_told_as_such(site: Site) -> None:
    problem(site.user().call("POST", "/uploads", data="{"), 400, "malformed-json")


def test_a_body_beyond_all_measure_is_refused(site: Site) -> None:
    problem(site.user().call("POST", "/uploads", data="x" * 100_000), 413, "large")


def test_an_upload_that_was_not_made_cannot_be_submitted(site: Site) -> None:
    user = site.user()
    promised = user.call("POST", "/uploads", json={"filename": "a.vcf", "size_bytes": 1}).json
    body = {"upload_id": promised["upload_id"]}
    problem(user.call("POST", "/jobs", json=body), 409, "upload-not-finished")


def test_unknown_and_foreign_uploads_look_the_same(site: Site) -> None:
    upload_id = site.user("ada").uploaded()
    stranger = site.user("bob")
    foreign = problem(
        stranger.call("POST", "/jobs", json={"upload_id": upload_id}), 409, "upload-not-found"
    )
    unknown = problem(
        stranger.call("POST", "/jobs", json={"upload_id": "0" * 36}), 409, "upload-not-found"
    )
    assert foreign == unknown
    assert foreign["errors"][0]["field"] == "upload_id"


def test_submitting_an_upload_twice_gives_the_same_job(site: Site) -> None:
    user = site.user()
    upload_id = user.uploaded()
    ids = {
        user.call("POST", "/jobs", json={"upload_id": upload_id}).json["job_id"] for _ in range(3)
    }
    assert len(ids) == 1


def test_the_same_idempotency_key_gives_the_same_job(site: Site) -> None:
    user, other = site.user("ada"), site.user("bob")

    def submit(who: User, key: str) -> str:
        body = {"upload_id": who.uploaded()}
        answer = who.call("POST", "/jobs", json=body, headers={"Idempotency-Key": key})
        return str(answer.json["job_id"])

    first = submit(user, "k1")
    assert submit(user, "k1") == first
    assert submit(user, "k2") != first
    assert submit(other, "k1") != first


def test_what_was_wished_is_shown_and_is_in_the_event(site: Site) -> None:
    user = site.user()
    body = {"upload_id": user.uploaded(), "bundle": "auto", "split_multiallelics": True}
    job = user.call("POST", "/jobs", json=body).json
    assert (job["bundle"], job["split_multiallelics"]) == ("auto", True)
    (submitted,) = user.call("GET", f"/jobs/{job['job_id']}/events").json
    assert submitted["data"]["split_multiallelics"] is True
    plain = user.call("POST", "/jobs", json={"upload_id": user.uploaded()}).json
    assert plain["split_multiallelics"] is False


def test_an_unknown_bundle_is_refused(site: Site) -> None:
    user = site.user()
    body = {"upload_id": user.uploaded(), "bundle": "martian"}
    assert problem(user.call("POST", "/jobs", json=body), 400, "invalid-request")["errors"] == [
        {"field": "bundle", "message": "must be one of auto, human-mt, grch38-21q21"}
    ]


def test_the_bundles_are_listed_with_what_they_hold(site: Site) -> None:
    mitochondrion, piece = site.user().call("GET", "/bundles").json["bundles"]
    assert (mitochondrion["name"], mitochondrion["default"]) == ("human-mt", True)
    assert (piece["name"], piece["default"]) == ("grch38-21q21", False)
    assert mitochondrion["contigs"][0]["length"] == 16_569
    assert mitochondrion["contigs"][0]["genetic_code"] == 2
    (contig,) = piece["contigs"]
    assert (contig["name"], contig["length"]) == ("21", 46_709_983)
    assert {"chr21", "NC_000021.9"} <= set(contig["aliases"])
    assert len(contig["windows"]) == 10
    assert (piece["species"], piece["assembly"]) == ("Homo sapiens", "GRCh38")
    assert [source["name"] for source in piece["known"]] == ["clinvar", "dbsnp"]
    for bundle in (mitochondrion, piece):
        assert bundle["version"]
        assert bundle["title"]
        assert all(source["version"] for source in bundle["known"])
        assert all(source["licence"] and source["citation"] for source in bundle["known"])


def test_a_job_names_any_of_the_bundles_and_without_one_gets_the_default(site: Site) -> None:
    user = site.user()
    body = {"upload_id": user.uploaded(), "bundle": "grch38-21q21"}
    assert user.call("POST", "/jobs", json=body).json["bundle"] == "grch38-21q21"
    body = {"upload_id": user.uploaded()}
    assert user.call("POST", "/jobs", json=body).json["bundle"] == "human-mt"


def test_bundles_of_an_operator_are_described_by_a_catalogue(tmp_path: Path) -> None:
    own = tmp_path / "catalogue.json"
    own.write_text('[{"name": "mouse", "version": "1", "title": "Mouse"}]')
    first, second, third = described(("mouse", "human-mt", "rat"), own)
    assert (first.title, first.version) == ("Mouse", "1")
    assert second.title == "Human mitochondrion (rCRS)"
    assert (third.title, third.version) == ("rat", None), "of it only the name is known"


def test_every_view_of_another_users_job_is_404(site: Site) -> None:
    job_id = site.user("ada").submitted()
    stranger = site.user("bob")
    for path in ("", "/events", "/result", "/log", "/summary"):
        problem(stranger.call("GET", f"/jobs/{job_id}{path}"), 404, "not-found")
    problem(stranger.call("POST", f"/jobs/{job_id}/cancel"), 404, "not-found")
    problem(stranger.call("DELETE", f"/jobs/{job_id}"), 404, "not-found")
    assert stranger.browser.get(f"/jobs/{job_id}").status_code == 404
    problem(stranger.call("GET", "/jobs/not-an-id"), 404, "not-found")


def test_pages_of_jobs_are_newest_first_and_complete(site: Site) -> None:
    user = site.user()
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


def test_jobs_can_be_filtered_by_status(site: Site) -> None:
    user = site.user()
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
        ("limit=101", "limit"),
        ("status=lost", "status"),
        ("status=deleted", "status"),
        ("cursor=zzz", "cursor"),
    ],
)
def test_faulty_parameters_are_named(site: Site, query: str, field: str) -> None:
    said = problem(site.user().call("GET", f"/jobs?{query}"), 400, "invalid-request")
    assert said["errors"][0]["field"] == field


def test_a_completed_job_is_downloaded_under_the_users_own_name(site: Site) -> None:
    user = site.user()
    job = site.world.complete(site.world.submit(user.id), b'{"records": 1}')
    answer = user.call("GET", f"/jobs/{job.job_id}/result")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("?name=my.annot.vcf.gz")
    variants = user.call("GET", f"/jobs/{job.job_id}/variants.parquet")
    assert variants.status_code == 302
    assert variants.headers["Location"].endswith("?name=my.variants.parquet")
    shown = user.call("GET", f"/jobs/{job.job_id}").json
    assert shown["archive_after"] == "2026-01-01T00:05:00Z"
    assert user.call("GET", f"/jobs/{job.job_id}/summary").json == {"records": 1}
    assert user.call("GET", f"/jobs/{job.job_id}/log").text == '{"records": 1}'


def test_results_that_cannot_be_had_say_why(site: Site) -> None:
    user, world = site.user(), site.world
    waiting = user.submitted()
    problem(user.call("GET", f"/jobs/{waiting}/result"), 409, "result-not-ready")
    problem(user.call("GET", f"/jobs/{waiting}/log"), 409, "result-not-ready")
    failed = user.submitted()
    world.jobs.execute(failed, Start("e", "b"))
    world.jobs.execute(failed, Fail(FailureCode.NOT_VCF, "It is a cat.", 1))
    said = problem(user.call("GET", f"/jobs/{failed}/result"), 409, "job-failed")
    assert said["detail"] == "It is a cat."
    error = user.call("GET", f"/jobs/{failed}").json["error"]
    assert error == {"code": "not_vcf", "message": "It is a cat.", "line": 1}
    done = world.complete(world.submit(user.id))
    warm = done.result(ResultKind.VCF)
    assert warm is not None
    world.jobs.execute(done.job_id, Archive(world.store.put(user.id, done.job_id, warm)))
    for path in ("result", "table", "variants.parquet"):
        problem(user.call("GET", f"/jobs/{done.job_id}/{path}"), 409, "result-archived")
    assert user.call("GET", f"/jobs/{done.job_id}/log").status_code == 200
    assert user.call("GET", f"/jobs/{done.job_id}").json["archived_at"]


def test_a_job_from_before_a_file_existed_says_so(site: Site) -> None:
    user, world = site.user(), site.world
    job = world.submit(user.id)
    world.jobs.execute(job.job_id, Start("e", "b"))
    summary = ResultFile(kind=ResultKind.SUMMARY, key="s", size_bytes=1, sha256="0" * 64)
    world.jobs.execute(job.job_id, Complete((summary,), {"records": 1}, 0.5, None))
    said = problem(user.call("GET", f"/jobs/{job.job_id}/variants.parquet"), 409, "result-not-made")
    assert "again" in said["detail"]


def test_the_events_of_a_job_are_cloudevents_in_order(site: Site) -> None:
    user = site.user()
    job = site.world.complete(site.world.submit(user.id))
    answer = user.call("GET", f"/jobs/{job.job_id}/events")
    assert answer.content_type == "application/cloudevents-batch+json"
    assert [event["streamversion"] for event in answer.json] == [1, 2, 3]
    assert "example.org" not in answer.text, "no personal data in events"


def test_progress_is_shown_while_a_job_runs(site: Site) -> None:
    user = site.user()
    job_id = user.submitted()
    site.world.jobs.execute(job_id, Start("e", "b"))
    site.progress.record(job_id, 0.25, 1000, 1)
    assert user.call("GET", f"/jobs/{job_id}").json["progress"] == {
        "fraction": 0.25,
        "variants": 1000,
    }
    assert "1,000 records so far" in user.browser.get(f"/jobs/{job_id}").text


def test_plans_change_by_the_api_and_twice_is_once(site: Site) -> None:
    user = site.user()
    assert user.call("POST", "/account/upgrade").json["plan"] == "premium"
    assert user.call("POST", "/account/upgrade").json["plan"] == "premium"
    assert user.call("GET", "/account").json["email"] == "ada@example.org"
    assert user.call("POST", "/account/downgrade").json["plan"] == "free"
    assert len(site.world.log.read(f"account/{user.id}")) == 3


def test_without_a_billing_provider_plans_stay(site: Site) -> None:
    user = site.user()
    ports = site.app.extensions["gas"]
    accounts = dataclasses.replace(site.accounts, billing=NoBilling())
    site.app.extensions["gas"] = dataclasses.replace(ports, accounts=accounts)
    problem(user.call("POST", "/account/upgrade"), 409, "billing-unavailable")
    problem(user.call("POST", "/account/downgrade"), 409, "billing-unavailable")


def test_cancel_and_delete(site: Site) -> None:
    user = site.user()
    job_id = user.submitted()
    problem(user.call("DELETE", f"/jobs/{job_id}"), 409, "job-not-finished")
    assert user.call("POST", f"/jobs/{job_id}/cancel").json["status"] == "cancelled"
    assert user.call("DELETE", f"/jobs/{job_id}").status_code == 204
    problem(user.call("GET", f"/jobs/{job_id}"), 404, "not-found")
    assert user.call("GET", "/jobs").json["jobs"] == []


def test_a_job_that_waits_says_how_many_are_ahead_and_users_take_turns(site: Site) -> None:
    busy, calm = site.user("busy"), site.user("calm")
    for _ in range(5):
        last = busy.submitted()
    only = calm.submitted()
    assert busy.call("GET", f"/jobs/{last}").json["queue"]["ahead"] == 4
    place = calm.call("GET", f"/jobs/{only}").json["queue"]
    assert place == {"ahead": 1, "ahead_is_at_least": False, "starts_in_seconds": None}
    site.progress.record_pace(Lane.SMALL, 30.0)
    assert calm.call("GET", f"/jobs/{only}").json["queue"]["starts_in_seconds"] == 30.0
    page = calm.browser.get(f"/jobs/{only}").text
    assert "1 job is ahead of this one; it is likely to start within a minute or two" in page
    listed = calm.call("GET", "/jobs").json["jobs"][0]
    assert listed["queue"] is None
