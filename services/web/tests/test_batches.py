"""Many small files with few requests, over the REST API on in-memory ports."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.web_server import FREE_LIMIT, User, WebServer, problem


def announce(user: User, *sizes: int) -> Any:
    files = [{"filename": f"{n}.vcf", "size_bytes": size} for n, size in enumerate(sizes)]
    return user.call("POST", "/uploads/batch", json={"files": files})


def uploaded(user: User, *sizes: int) -> list[str]:
    """The ids of uploads whose files are in the bucket."""
    uploads = announce(user, *sizes).json["uploads"]
    for upload, size in zip(uploads, sizes, strict=True):
        user.server.world.inputs.write(upload["fields"]["key"], b"x" * size)
    return [upload["upload_id"] for upload in uploads]


def submit(user: User, ids: list[str], **options: Any) -> Any:
    return user.call("POST", "/jobs/batch", json={"upload_ids": ids, **options})


def test_each_upload_of_a_batch_becomes_one_job_with_the_same_options() -> None:
    server = WebServer()
    user = server.user()
    ids = uploaded(user, 10, 20, 30)
    answer = submit(user, ids, bundle="grch38-21q21", split_multiallelics=True)
    assert answer.status_code == 202
    jobs = answer.json["jobs"]
    assert [each["upload_id"] for each in jobs] == ids
    for each, size in zip(jobs, (10, 20, 30), strict=True):
        job = server.world.job(each["job_id"])
        assert (job.input.size_bytes, job.bundle) == (size, "grch38-21q21")
        assert job.split_multiallelics
    again = submit(user, ids, bundle="grch38-21q21", split_multiallelics=True)
    assert again.json == answer.json


def test_an_upload_that_is_twice_in_a_batch_becomes_one_job() -> None:
    user = WebServer().user()
    (upload_id,) = uploaded(user, 10)
    first, second = submit(user, [upload_id, upload_id]).json["jobs"]
    assert first["job_id"] == second["job_id"]


def test_what_cannot_be_submitted_takes_nothing_from_the_others() -> None:
    server = WebServer(free_waiting_jobs=2)
    user, other = server.user("ada"), server.user("bob")
    first, unsent = uploaded(user, 10)[0], announce(user, 10).json["uploads"][0]["upload_id"]
    foreign = uploaded(other, 10)[0]
    second, third = uploaded(user, 10, 10)
    jobs = submit(user, [first, unsent, foreign, second, third]).json["jobs"]
    slugs = [each.get("problem", {}).get("type", "").rpartition(":")[2] for each in jobs]
    assert slugs == ["", "upload-not-finished", "upload-not-found", "", "too-many-jobs"]
    assert jobs[4]["problem"]["retry_after"] > 0
    assert "cancel one" in jobs[4]["problem"]["detail"]


def test_what_all_of_a_batch_need_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    server = WebServer(free_waiting_jobs=3)
    user = server.user()
    submission = server.app.extensions["gas"].submission
    asked: list[str] = []
    for table, names in (
        (submission.uploads, ("put", "put_new", "get", "get_all")),
        (submission.quotas.jobs, ("count_waiting",)),
    ):
        for name in names:

            def noted(*given: Any, name: str = name, ask: Any = getattr(table, name)) -> Any:
                asked.append(name)
                return ask(*given)

            monkeypatch.setattr(table, name, noted)
    ids = uploaded(user, 10, 10, 10, 10)
    jobs = submit(user, ids).json["jobs"]
    assert ["job_id" in each for each in jobs] == [True, True, True, False]
    assert [name for name in asked if name != "put"] == ["put_new", "count_waiting", "get_all"]


def test_a_batch_of_uploads_is_allowed_as_a_whole_or_not_at_all() -> None:
    server = WebServer(free_open_uploads=3, free_stored_bytes=100)
    user = server.user()
    problem(announce(user, 1, FREE_LIMIT + 1), 413, "upload-too-large")
    problem(announce(user, 60, 41), 429, "too-much-stored")
    problem(announce(user, 1, 1, 1, 1), 429, "too-many-uploads")
    assert announce(user, 1, 1).status_code == 201
    problem(announce(user, 1, 1), 429, "too-many-uploads")
    assert announce(user, 1).status_code == 201


def test_a_batch_counts_as_many_requests() -> None:
    server = WebServer(free_requests="5/minute")
    user = server.user()
    assert announce(user, 1, 1, 1).status_code == 201
    problem(announce(user, 1, 1, 1), 429, "too-many-requests")


@pytest.mark.parametrize("sizes", [(), (1,) * 21])
def test_a_batch_is_bounded(sizes: tuple[int, ...]) -> None:
    problem(announce(WebServer().user(), *sizes), 422, "invalid-request")
