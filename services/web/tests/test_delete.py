"""Deleting jobs and taking it back, on pages and by the API."""

from __future__ import annotations

from datetime import timedelta

from gas.domain.job import JobStatus
from gas.domain.job_deletion import CarryOutDeletion
from gas.domain.job_rules import Start
from tests.support.web_pages import press
from tests.support.web_server import User, WebServer, problem


def carry_out(server: WebServer, job_id: str) -> None:
    due = server.world.job(job_id).deletion_due
    assert due
    server.world.jobs.execute(job_id, CarryOutDeletion("archiver", "r", due))


def test_a_deleted_job_is_gone_at_once_and_comes_back(server: WebServer, user: User) -> None:
    job = server.world.completed(user.id)
    assert user.call("DELETE", f"/jobs/{job.job_id}").status_code == 204
    assert user.call("DELETE", f"/jobs/{job.job_id}").status_code in (204, 404)
    problem(user.call("GET", f"/jobs/{job.job_id}"), 404, "not-found")
    assert user.call("GET", "/jobs").json["jobs"] == []
    assert user.call("GET", "/jobs?sort=name").json["jobs"] == []
    back = user.call("POST", f"/jobs/{job.job_id}/undelete")
    assert back.json["status"] == "completed"
    again = user.call("POST", f"/jobs/{job.job_id}/undelete")
    assert again.json["status"] == "completed"  # a second click
    assert [one["job_id"] for one in user.call("GET", "/jobs").json["jobs"]] == [job.job_id]


def test_what_is_deleted_for_good_does_not_come_back(server: WebServer, user: User) -> None:
    job = server.world.completed(user.id)
    user.call("DELETE", f"/jobs/{job.job_id}")
    carry_out(server, job.job_id)
    document = problem(user.call("POST", f"/jobs/{job.job_id}/undelete"), 410, "job-deleted")
    assert "upload it" in document["detail"]


def test_a_stranger_takes_nothing_back(server: WebServer, user: User) -> None:
    job = server.world.completed(user.id)
    user.call("DELETE", f"/jobs/{job.job_id}")
    stranger = server.user("eve")
    problem(stranger.call("POST", f"/jobs/{job.job_id}/undelete"), 404, "not-found")
    assert server.world.job(job.job_id).is_gone


def test_a_running_job_is_cancelled_first(server: WebServer, user: User) -> None:
    job_id = user.submitted()
    server.world.jobs.execute(job_id, Start("e", "b"))
    press(user, f"/jobs/{job_id}/delete")
    job = server.world.job(job_id)
    assert (job.status, job.is_gone) == (JobStatus.CANCELLED, True)
    assert user.call("POST", f"/jobs/{job_id}/undelete").json["status"] == "cancelled"


def test_the_list_offers_to_take_it_back_until_it_is_too_late(
    server: WebServer, user: User
) -> None:
    job = server.world.completed(user.id)
    kept = server.world.completed(user.id)
    page = press(user, f"/jobs/{job.job_id}/delete").text
    assert "is deleted" in page
    assert "Undo" in page
    assert f'id="job-{job.job_id}"' not in page
    page = press(user, "/jobs/bulk", act="undo", job_id=job.job_id).text
    assert f'id="job-{job.job_id}"' in page
    assert "Undo" not in page
    press(user, f"/jobs/{job.job_id}/delete")
    server.world.pass_time(timedelta(seconds=11))
    page = user.browser.get("/jobs").text
    assert "Undo" not in page
    assert f'id="job-{kept.job_id}"' in page


def test_the_page_of_a_deleted_job_says_so_and_what_to_do(server: WebServer, user: User) -> None:
    job = server.world.completed(user.id)
    user.call("DELETE", f"/jobs/{job.job_id}")
    page = user.browser.get(f"/jobs/{job.job_id}")
    assert page.status_code == 410
    assert "Undo" in page.text
    live = user.browser.get(f"/jobs/{job.job_id}?part=live")
    assert live.status_code == 410
    server.world.pass_time(timedelta(seconds=11))
    carry_out(server, job.job_id)
    page = user.browser.get(f"/jobs/{job.job_id}")
    assert page.status_code == 410
    assert "Undo" not in page.text
    assert "You deleted this job" in page.text
    assert server.user("eve").browser.get(f"/jobs/{job.job_id}").status_code == 404


def test_several_are_deleted_and_taken_back_at_once(server: WebServer, user: User) -> None:
    ids = [user.submitted(), server.world.completed(user.id).job_id]
    page = press(user, "/jobs/bulk", act="delete", job_id=ids).text
    assert "2 jobs" in page
    assert all(server.world.job(job_id).is_gone for job_id in ids)
    page = press(user, "/jobs/bulk", act="undo", job_id=ids).text
    assert "2 jobs are back" in page
