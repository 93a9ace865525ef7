"""The operators' pages: who gets in, what is shown where something cannot be read, each act."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient
from pydantic import ValidationError

from gas.domain.job import JobStatus
from gas.domain.job_rules import Fail, Start
from gas.events import FailureCode, JobFailed, JobReopened, JobSubmitted, LetterDiscarded
from tests.support.login import Provider, csrf_of
from tests.support.web_server import User, WebServer
from web.operation.shared_readings import Reader, SharedReadings
from web.settings import WebSettings

ONE = "019b76da-a800-7000-8000-000000000004"
PATHS = (
    *("/operator", "/operator/dead-letters", "/operator/jobs", "/operator/accounts"),
    "/operator/costs",
)


@pytest.fixture
def server() -> WebServer:
    return WebServer(operators="grace@example.org")


@pytest.fixture
def operator(server: WebServer) -> User:
    return server.operator()


def say(user: User, path: str, **form: Any) -> str:
    """Send a form; the text of the page that the browser is sent to."""
    sent = {"reason": "ticket 7", "csrf_token": csrf_of(user.browser), **form}
    answer = user.browser.post(path, data=sent, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def running(server: WebServer, minutes: int) -> Any:
    """A job that started so long ago and was not heard of since."""
    job = server.world.submit(server.user().id)
    started = server.world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    server.world.pass_time(timedelta(minutes=minutes))
    return started


def events(server: WebServer, stream: str) -> list[Any]:
    return [event.data for event in server.world.log.read(stream)]


def test_nobody_is_an_operator_by_default() -> None:
    server = WebServer()
    operator = server.operator()
    for path in PATHS:
        assert operator.browser.get(path).status_code == 404
        assert server.app.test_client().get(path).status_code == 404


def test_only_a_verified_address_of_the_settings_gets_in(server: WebServer) -> None:
    operator, other = server.operator(), server.operator("ada")
    unverified, nobody = server.user("grace"), server.app.test_client()
    for path in PATHS:
        assert operator.browser.get(path).status_code == 200, path
        assert other.browser.get(path).status_code == 404, path
        # the address is the right one, but nobody has verified it
        assert unverified.browser.get(path).status_code == 404, path
        assert nobody.get(path).status_code == 302, path


def test_every_page_of_operators_is_for_them_alone(server: WebServer) -> None:
    ada = server.user("ada").browser
    token = csrf_of(ada)
    rules = [r for r in server.app.url_map.iter_rules() if r.rule.startswith("/operator")]
    assert len(rules) > 12
    for rule in rules:
        path = rule.rule.replace("<queue>", "annotator")
        path = path.replace("<uuid:job_id>", ONE).replace("<uuid:user_id>", ONE)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = ada.open(path, method=method, data={"csrf_token": token, "reason": "r"})
            assert answer.status_code == 404, (method, path)
            assert "There is no such page." in answer.text, (method, path)


def test_the_login_remembers_what_the_provider_has_verified(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Provider(monkeypatch)
    wanted: dict[Any, int] = {True: 200, "true": 200, None: 404}
    for verified, status in wanted.items():
        browser = server.app.test_client()
        claims: dict[str, Any] = {"sub": "g", "email": "Grace@example.org", "name": "G"}
        claims |= {} if verified is None else {"email_verified": verified}
        assert provider.send_back(browser, **claims).status_code == 302
        assert browser.get("/operator").status_code == status, verified
        assert ("Operation" in browser.get("/jobs").text) == (status == 200)


def test_a_changed_address_is_no_operator_until_it_is_verified(server: WebServer) -> None:
    user = server.user("ada")
    with user.browser.session_transaction() as session:
        session["verified"] = "ada@example.org"
    profile = server.accounts.profiles.get(user.id)
    assert profile
    object.__setattr__(profile, "email", "grace@example.org")
    server.accounts.profiles.save(profile)
    assert user.browser.get("/operator").status_code == 404


def test_acts_need_the_session_and_the_forms_token(server: WebServer) -> None:
    job = running(server, 10)
    path = f"/operator/jobs/{job.job_id}/fail"
    ada = server.user("ada").browser
    assert ada.post(path, data={"reason": "r", "csrf_token": csrf_of(ada)}).status_code == 404
    assert server.app.test_client().post(path, data={"reason": "r"}).status_code == 302
    assert server.operator().browser.post(path, data={"reason": "r"}).status_code == 400
    assert server.world.job(job.job_id).status is JobStatus.RUNNING


def test_settings_name_operators_by_address() -> None:
    assert WebSettings(operators=" a@b.org, c@d.org ").operators == ("a@b.org", "c@d.org")
    with pytest.raises(ValidationError, match="not an e-mail address"):
        WebSettings(operators="a@b.org; c@d.org")


def test_the_overview_shows_queues_stuck_jobs_and_who_works(
    server: WebServer, operator: User
) -> None:
    job, held = running(server, 10), running(server, 10)
    server.world.leases.acquire(held.user_id, held.job_id, "host-1/attempt", 1)
    server.desk.queues["annotator"].send("x")
    server.desk.queues["archiver-dlq"].put_letter("y", "broken")
    page = operator.browser.get("/operator").text
    assert f'id="stuck-{job.job_id}"' in page
    assert f'id="stuck-{held.job_id}"' not in page, "its worker holds the lease"
    assert "host-1" in page
    assert "nobody takes them" in page
    assert 'href="/operator/dead-letters?queue=archiver"' in page
    assert "job started" in page
    part = operator.browser.get("/operator?part=live").text
    assert part.lstrip().startswith('<div data-live="yes">')


def test_a_job_with_a_heartbeat_is_not_stuck_until_it_runs_for_hours(
    server: WebServer, operator: User
) -> None:
    job = running(server, 10)
    server.progress.record(job.job_id, 0.5, 10, 1)
    assert f'id="stuck-{job.job_id}"' not in operator.browser.get("/operator").text
    server.world.pass_time(timedelta(hours=6))
    server.progress.record(job.job_id, 0.6, 10, 1)
    server.desk.readings.forget()
    with operator.browser.session_transaction() as session:
        session["login"] = str(server.sessions.begin(operator.id))
    assert f'id="stuck-{job.job_id}"' in operator.browser.get("/operator").text


def test_what_cannot_be_read_is_said_in_its_box_and_the_rest_shows(
    server: WebServer, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: str) -> Any:
        raise EndpointConnectionError(endpoint_url="http://sqs")

    monkeypatch.setattr(server.desk.sources.counter, "count", refused)
    page = operator.browser.get("/operator").text
    assert "AWS refused or did not answer" in page
    assert "queues (SQS): no answer" in page
    assert "Every event is published" in page


def test_readings_are_shared_and_a_slow_one_is_not_begun_twice() -> None:
    release, begun = threading.Event(), []

    def slow() -> str:
        begun.append(1)
        release.wait(10)
        return "done"

    quick = iter(range(10))
    readers = {"slow": Reader(slow, 0), "quick": Reader(lambda: next(quick), 60)}
    readings = SharedReadings(readers, patience_seconds=0.05)
    for _ in range(3):
        boxes = readings.boxes(["slow", "quick"])
        assert "does not answer in time" in boxes["slow"].problem
        assert boxes["quick"].value == 0
    readings.forget()
    assert readings.boxes(["quick"])["quick"].value == 1
    release.set()
    patient = SharedReadings(readers, patience_seconds=5)
    assert patient.boxes(["slow"])["slow"].value == "done"
    assert len(begun) == 2


def test_a_silent_job_is_handed_out_once_for_two_clicks(server: WebServer, operator: User) -> None:
    job = running(server, 10)
    path = f"/operator/jobs/{job.job_id}"
    assert 'name="seen" value="2"' in operator.browser.get(path).text
    assert "handed out again" in say(operator, f"{path}/hand-out", seen=2)
    assert "handed out again" in say(operator, f"{path}/hand-out", seen=2)
    (reopened,) = [
        one for one in events(server, f"job/{job.job_id}") if isinstance(one, JobReopened)
    ]
    assert (reopened.by, reopened.reason) == (operator.id, "ticket 7")
    assert server.world.job(job.job_id).status is JobStatus.SUBMITTED
    assert isinstance(server.world.last_event().data, JobSubmitted)
    server.world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    assert "has changed since you looked" in say(operator, f"{path}/hand-out", seen=2)
    assert server.world.job(job.job_id).status is JobStatus.RUNNING


def test_a_job_is_failed_with_who_and_why_and_can_be_handed_out_then(
    server: WebServer, operator: User
) -> None:
    job = running(server, 10)
    path = f"/operator/jobs/{job.job_id}"
    assert "say why" in say(operator, f"{path}/fail", reason="  ")
    for _ in range(2):
        assert "ended as failed" in say(operator, f"{path}/fail")
    (failed,) = [one for one in events(server, f"job/{job.job_id}") if isinstance(one, JobFailed)]
    assert (failed.by, failed.reason, failed.code) == (
        operator.id,
        "ticket 7",
        FailureCode.INTERNAL,
    )
    page = operator.browser.get(path).text
    assert "ticket 7" in page
    assert "handed out again" in say(operator, f"{path}/hand-out", seen=3)


def test_a_job_that_ended_otherwise_is_left_alone(server: WebServer, operator: User) -> None:
    done = server.world.completed(server.user().id)
    path = f"/operator/jobs/{done.job_id}"
    assert "Nothing was done" in say(operator, f"{path}/fail")
    assert "Nothing was done" in say(operator, f"{path}/hand-out", seen=done.version)
    assert server.world.job(done.job_id).version == done.version
    assert operator.browser.get(f"/operator/jobs/{done.user_id}").status_code == 404


def test_a_letter_is_sent_back_and_its_job_opened_again(server: WebServer, operator: User) -> None:
    job = server.world.submit(server.user().id)
    body = server.world.last_event().to_json()
    server.world.jobs.execute(job.job_id, Fail(FailureCode.INTERNAL, "sorry"))
    id = server.desk.queues["annotator-dlq"].put_letter(body, "OSError: no disk")
    page = operator.browser.get("/operator/dead-letters").text
    assert "OSError: no disk" in page
    assert f"/operator/jobs/{job.job_id}" in page
    path = "/operator/dead-letters/annotator/redrive"
    assert "1 letter was sent back" in say(operator, path, letter_id=id)
    assert "was not found" in say(operator, path, letter_id=id)
    assert server.desk.queues["annotator"].depth() == 1
    assert server.world.job(job.job_id).status is JobStatus.SUBMITTED
    (redriven,) = events(server, f"letter/{id}")
    assert (redriven.user_id, redriven.subject) == (operator.id, f"job/{job.job_id}")


def test_all_letters_are_sent_back_twenty_at_a_time(server: WebServer, operator: User) -> None:
    for number in range(25):
        server.desk.queues["notifier-dlq"].put_letter(f"letter {number}", "SES")
    path = "/operator/dead-letters/notifier/redrive"
    assert "20 letters were sent back" in say(operator, path)
    assert "5 letters were sent back" in say(operator, path)
    assert server.desk.queues["notifier"].depth() == 25


def test_one_letter_is_discarded_and_the_log_keeps_its_digest_and_not_its_text(
    server: WebServer, operator: User
) -> None:
    dead = server.desk.queues["notifier-feedback-dlq"]
    kept, gone = dead.put_letter("other", "r"), dead.put_letter('{"mail": "ada@secret"}', "r")
    path = "/operator/dead-letters/notifier-feedback/discard"
    assert "is discarded" in say(operator, path, letter_id=gone)
    assert "was not found" in say(operator, path, letter_id=gone)
    assert [letter.id for letter in dead.receive(10, 0, 1)] == [kept]
    (discarded,) = events(server, f"letter/{gone}")
    assert isinstance(discarded, LetterDiscarded)
    assert "secret" not in server.world.log.read(f"letter/{gone}")[0].to_json()
    assert operator.browser.get("/operator/dead-letters?queue=nothing").status_code == 404


def test_accounts_are_found_and_changed_with_who_and_why(server: WebServer, operator: User) -> None:
    ada = server.user("ada")
    path = f"/operator/accounts/{ada.id}"
    browser: FlaskClient = operator.browser
    for wanted in ("ADA@example.org", ada.id):
        answer = browser.get("/operator/accounts", query_string={"user": wanted})
        assert answer.headers["Location"] == path, wanted
    for wanted in ("nobody@example.org", "Ada", operator.id[::-1]):
        assert browser.get("/operator/accounts", query_string={"user": wanted}).status_code == 200
    assert "on Premium" in say(operator, f"{path}/plan", plan="premium")
    assert "choose a plan" in say(operator, f"{path}/plan", plan="gold")
    for _ in range(2):
        assert "is suspended" in say(operator, f"{path}/suspend")
    assert ada.browser.get("/jobs").status_code == 403
    assert "is over" in say(operator, f"{path}/restore")
    assert ada.browser.get("/jobs").status_code == 200
    assert "suspend yourself" in say(operator, f"/operator/accounts/{operator.id}/suspend")
    by_operator = [
        event.type
        for event in server.world.log.read(f"account/{ada.id}")
        if getattr(event.data, "by", None) == operator.id
    ]
    assert by_operator == [
        f"gas.account.{name}.v1" for name in ("upgraded", "suspended", "reinstated")
    ]
    assert "ticket 7" in browser.get(path).text


def test_costs_are_an_estimate_from_rows(server: WebServer, operator: User) -> None:
    done = server.world.completed(server.user().id)
    page = operator.browser.get("/operator/costs").text
    assert "An estimate, not a bill" in page
    assert f"{done.stored_bytes} bytes of 1 jobs" in page
