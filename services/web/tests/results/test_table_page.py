"""The page of the table: who may open it, and what it says while it is closed."""

from __future__ import annotations

from gas.domain.job import Job
from gas.domain.job_rules import Cancel, Complete, RequestRestore, Start
from gas.events import ResultFile, ResultKind, Tier
from tests.support.web_server import User, WebServer
from tests.support.world import GRACE


def completed(server: WebServer, user: User) -> Job:
    return server.world.completed(user.id)


def of_old(server: WebServer, user: User) -> Job:
    """A job from before GAS wrote tables."""
    world = server.world
    job = world.submit(user.id)
    world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    files = tuple(
        ResultFile(kind=kind, key=f"{job.job_id}/{kind}", size_bytes=1, sha256="0" * 64)
        for kind in (ResultKind.VCF, ResultKind.SUMMARY)
    )
    done = Complete(files, {"records": 1}, 0.5, world.time + GRACE)
    return world.jobs.execute(job.job_id, done)


def page(user: User, job: Job) -> tuple[int, str]:
    answer = user.browser.get(f"/jobs/{job.job_id}/variants")
    return answer.status_code, answer.text


def test_an_open_table_runs_no_inline_code_and_names_its_interface(
    server: WebServer, user: User
) -> None:
    job = completed(server, user)
    status, text = page(user, job)
    assert status == 200
    assert f'data-api="/api/v1/jobs/{job.job_id}/variants"' in text
    assert "style=" not in text
    assert "onclick" not in text


def test_only_the_owner_opens_it_without_a_link(server: WebServer, user: User) -> None:
    job = completed(server, user)
    other = server.user("grace")
    assert page(other, job)[0] == 404
    stranger = server.app.test_client().get(f"/jobs/{job.job_id}/variants")
    assert stranger.status_code == 302
    assert "/login" in stranger.headers["Location"]


def test_a_closed_table_says_why_and_what_to_do(server: WebServer, user: User) -> None:
    world = server.world
    waiting = world.submit(user.id)
    assert page(user, waiting)[0] == 409
    assert "The job is not done yet." in page(user, waiting)[1]
    world.jobs.execute(waiting.job_id, Cancel(user.id, "by the user"))
    assert "was cancelled" in page(user, waiting)[1]
    assert "has no table of variants" in page(user, of_old(server, user))[1]


def test_it_closes_with_the_archive_and_says_when_it_comes_back(
    server: WebServer, user: User
) -> None:
    job = server.world.archive(completed(server, user))
    status, text = page(user, job)
    assert (status, "in the archive" in text, "Premium" in text) == (409, True, True)
    until = server.world.now() + GRACE
    server.world.jobs.execute(job.job_id, RequestRestore(Tier.STANDARD, until))
    assert "is being restored" in page(user, job)[1]
