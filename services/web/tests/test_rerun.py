"""Jobs that are run again: whose, when, on what, and only once for a double click."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from archiver.deletion import clean_up
from gas.domain.account import Downgrade, Upgrade
from gas.domain.job import Job
from gas.domain.job_rules import Cancel, Delete, Fail, Start
from gas.events import FailureCode, Lane
from tests.support.archiver_ports import archiver_of
from tests.support.web_server import FREE_LIMIT, User, WebServer, problem
from tests.support.world import World

CONTENT = b"##fileformat=VCFv4.2\n#CHROM\n"


def completed(user: User, **more: Any) -> Job:
    world = user.server.world
    return world.complete(world.submit(user.id, CONTENT, **more), b'{"records": 1}')


def rerun(user: User, job: Job, body: dict[str, Any] | None = None, **more: Any) -> Any:
    return user.call("POST", f"/jobs/{job.job_id}/rerun", json=body or {}, **more)


def contents(world: World) -> list[bytes]:
    return list(world.inputs.objects.values())


def test_a_job_is_run_again_on_its_own_copy_of_the_input(server: WebServer) -> None:
    user = server.user()
    job = completed(user)
    answer = rerun(user, job)
    assert answer.status_code == 202
    again = server.world.job(answer.json["job_id"])
    assert answer.headers["Location"] == f"/api/v1/jobs/{again.job_id}"
    assert answer.json["rerun_of"] == again.rerun_of == job.job_id
    assert answer.json["status"] == "submitted"
    assert again.input.key != job.input.key
    assert again.input.filename == job.input.filename
    assert contents(server.world) == [CONTENT, CONTENT]
    assert user.call("GET", f"/jobs/{job.job_id}").json["rerun_of"] is None
    upload = server.world.uploads.get(again.input.key.rsplit("/", 1)[-1])
    assert upload
    assert (upload.job_id, upload.expires_at) == (again.job_id, None)


def test_what_is_left_out_stays_as_it_was(server: WebServer) -> None:
    user = server.user()
    job = completed(user, bundle="grch38-21q21", split=True)

    def options(body: dict[str, Any]) -> tuple[str, bool]:
        shown = rerun(user, job, body).json
        return shown["bundle"], shown["split_multiallelics"]

    assert options({}) == ("grch38-21q21", True)
    assert options({"bundle": "human-mt"}) == ("human-mt", True)
    assert options({"split_multiallelics": False}) == ("grch38-21q21", False)
    assert options({"bundle": "auto"}) == ("auto", True)
    nothing = user.call("POST", f"/jobs/{job.job_id}/rerun")
    assert nothing.status_code == 202, "a body is not needed"


def test_a_double_click_is_one_job(server: WebServer) -> None:
    user = server.user()
    job = completed(user)
    key = {"Idempotency-Key": "once"}
    first, second = (rerun(user, job, headers=key) for _ in range(2))
    assert first.json["job_id"] == second.json["job_id"]
    assert len(contents(server.world)) == 2
    assert rerun(user, job).json["job_id"] != first.json["job_id"]
    problem(rerun(user, job, headers={"Idempotency-Key": "x" * 129}), 400, "invalid-request")


def test_every_ended_job_can_be_run_again_and_no_other(server: WebServer) -> None:
    user, world = server.user(), server.world
    waiting = world.submit(user.id)
    problem(rerun(user, waiting), 409, "job-not-finished")
    world.jobs.execute(waiting.job_id, Start("e", "b"))
    problem(rerun(user, waiting), 409, "job-not-finished")
    world.jobs.execute(waiting.job_id, Fail(FailureCode.NOT_VCF, "no"))
    cancelled = world.submit(user.id)
    world.jobs.execute(cancelled.job_id, Cancel("u", "r"))
    archived = completed(user)
    world.archive(archived)
    for job in (waiting, cancelled, archived, completed(user)):
        assert rerun(user, job).status_code == 202
    world.jobs.execute(cancelled.job_id, Delete("u", "r"))
    problem(rerun(user, cancelled), 404, "not-found")


def test_only_the_owner_runs_a_job_again(server: WebServer) -> None:
    job = completed(server.user())
    problem(rerun(server.user("eve"), job), 404, "not-found")
    stranger = server.app.test_client()
    problem(stranger.post(f"/api/v1/jobs/{job.job_id}/rerun", json={}), 401, "unauthorized")
    assert stranger.post(f"/jobs/{job.job_id}/rerun").status_code == 302
    assert len(contents(server.world)) == 1


def test_without_its_input_a_job_is_refused_with_what_to_do(server: WebServer) -> None:
    user = server.user()
    job = completed(user)
    server.world.inputs.erase(job.input.key)
    document = problem(rerun(user, job), 409, "input-gone")
    assert "Upload the file again" in document["detail"]
    assert contents(server.world) == []


def test_invalid_wishes_are_refused_before_anything_is_copied(server: WebServer) -> None:
    user = server.user()
    job = completed(user)
    document = problem(rerun(user, job, {"bundle": "mouse"}), 400, "invalid-request")
    assert document["errors"][0]["field"] == "bundle"
    problem(rerun(user, job, {"split_multiallelics": "yes"}), 422, "invalid-request")
    problem(rerun(user, job, {"colour": "red"}), 422, "invalid-request")
    assert len(contents(server.world)) == 1


def test_the_limits_of_the_plan_of_today_apply(server: WebServer) -> None:
    user, world = server.user(), server.world
    world.accounts.execute(user.id, Upgrade("p"))
    job = world.complete(world.submit(user.id, b"x" * (FREE_LIMIT + 1)))
    assert rerun(user, job).json["rerun_of"] == job.job_id
    assert world.job(rerun(user, job).json["job_id"]).lane is Lane.LARGE
    world.accounts.execute(user.id, Downgrade("r"))
    problem(rerun(user, job), 413, "upload-too-large")


def test_deleting_one_of_the_two_takes_nothing_from_the_other(server: WebServer) -> None:
    user, world = server.user(), server.world
    job = completed(user)
    again = world.complete(world.job(rerun(user, job).json["job_id"]))
    world.jobs.execute(job.job_id, Delete("u", "r"))
    clean_up(job.job_id, archiver_of(world))
    assert list(world.inputs.objects) == [again.input.key]
    third = rerun(user, again)
    assert third.json["rerun_of"] == again.job_id


def form_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(csrf_token|key)" value="([^"]+)"', page[page.index("rerun") :]))


def test_the_page_runs_a_job_again_once_for_a_double_click(server: WebServer) -> None:
    user = server.user()
    job = server.world.submit(user.id, CONTENT)
    assert 'id="rerun"' not in user.browser.get(f"/jobs/{job.job_id}").text
    server.world.jobs.execute(job.job_id, Cancel("u", "r"))
    page = user.browser.get(f"/jobs/{job.job_id}").text
    assert "Your file is kept as long as this job" in page
    form = {**form_of(page), "bundle": "grch38-21q21", "split": "on"}
    first, second = (user.browser.post(f"/jobs/{job.job_id}/rerun", data=form) for _ in range(2))
    assert first.status_code == 302
    assert first.location == second.location
    again = server.world.job(first.location.rsplit("/", 1)[-1])
    assert (again.bundle, again.split_multiallelics) == ("grch38-21q21", True)
    shown = user.browser.get(first.location).text
    assert f"/jobs/{job.job_id}" in shown
    assert "Run again from" in shown


def test_the_page_of_a_job_whose_input_is_gone_offers_a_new_upload(server: WebServer) -> None:
    user = server.user()
    job = server.world.submit(user.id, CONTENT)
    server.world.jobs.execute(job.job_id, Cancel("u", "r"))
    form = form_of(user.browser.get(f"/jobs/{job.job_id}").text)
    server.world.inputs.erase(job.input.key)
    # Storage was asked a moment ago; what a minute may change is seen after it.
    assert "no longer kept" not in user.browser.get(f"/jobs/{job.job_id}").text
    server.world.pass_time(timedelta(minutes=1))
    page = user.browser.get(f"/jobs/{job.job_id}").text
    assert "no longer kept" in page
    assert "Upload it again" in page
    refused = user.browser.post(f"/jobs/{job.job_id}/rerun", data=form, follow_redirects=True)
    assert "Upload the file again" in refused.text
