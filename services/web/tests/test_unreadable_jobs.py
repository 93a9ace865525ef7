"""A job with an event that this release cannot read: a clear page, a problem, and nothing lost."""

from __future__ import annotations

import pytest

from tests.support.login import csrf_of
from tests.support.web_server import User, WebServer, problem

POISON = {"newer": '{"type": "gas.job.mended.v3", "data": {}}', "damaged": "{", "empty": ""}


@pytest.fixture(params=POISON)
def broken(request: pytest.FixtureRequest) -> tuple[WebServer, User, str]:
    """A user, and the id of their waiting job, whose next event nobody can read."""
    server = WebServer(operators="grace@example.org")
    user = server.user()
    job = server.world.submit(user.id)
    server.world.leave_in_outbox(
        f"job/{job.job_id}", POISON[request.param], version=job.version + 1
    )
    return server, user, job.job_id


def test_the_api_says_that_the_record_cannot_be_read(broken: tuple[WebServer, User, str]) -> None:
    _, user, job_id = broken
    for method, path in (("GET", f"/jobs/{job_id}/events"), ("POST", f"/jobs/{job_id}/cancel")):
        document = problem(user.call(method, path), 409, "record-unreadable")
        assert "Nothing is lost" in document["detail"]
        assert "Ask the operators" in document["detail"]
        assert document["trace_id"] in document["detail"]
    assert user.call("GET", f"/jobs/{job_id}").get_json()["status"] == "submitted"


def test_operators_are_told_that_its_letter_stays(broken: tuple[WebServer, User, str]) -> None:
    server, _, job_id = broken
    operator = server.operator()
    body = server.world.log.stored(f"job/{job_id}")[0].text
    queues = server.desk.queues
    id = queues["annotator-dlq"].put_letter(body, "OSError: no disk")
    queues["annotator-dlq"].put_letter("another", "r")
    answer = operator.browser.post(
        "/operator/dead-letters/annotator/redrive",
        data={"reason": "ticket 7", "csrf_token": csrf_of(operator.browser)},
        follow_redirects=True,
    )
    assert f"One letter stays: the events of job {job_id} cannot be read" in answer.text
    assert "Sent back to annotator: 1." in answer.text
    assert queues["annotator"].depth() == queues["annotator-dlq"].depth() == 1
    assert server.world.log.read(f"letter/{id}") == []


def test_pages_say_that_the_record_cannot_be_read(broken: tuple[WebServer, User, str]) -> None:
    server, user, job_id = broken
    page = user.browser.get(f"/jobs/{job_id}")  # it shows what its events say
    assert page.status_code == 409
    assert "A record cannot be read" in page.text
    form = {"csrf_token": csrf_of(user.browser, "/account")}
    answer = user.browser.post(f"/jobs/{job_id}/cancel", data=form)
    assert answer.status_code == 409
    assert "A record cannot be read" in answer.text
    assert "Ask the operators" in answer.text
    assert len(server.world.log.stored(f"job/{job_id}")) == 2
