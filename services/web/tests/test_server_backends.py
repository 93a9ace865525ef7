"""Back ends that hang, threads that hang, and the stop, over real sockets."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from gas.aws.clients import Aws
from local.stack import CREDENTIALS
from tests.support.served import Served, hanging, served, until
from tests.support.web_server import WebServer
from web.app import create_app
from web.backends import AwsBulkhead, BackendBusy, Bulkhead, begin_request, patience
from web.exchange import stopped_with_client
from web.ports import wire
from web.server.limits import Limits
from web.settings import WebSettings
from web.variants.engine import Engine as EngineOfVariants
from web.variants.engine import Limits as EngineLimits
from web.variants.engine import Superseded

TOGETHER = 40
TOKEN = f"Bearer gas_{'0' * 32}_{'x' * 43}"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The real application, whose AWS and login provider accept connections and never answer."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with hanging() as url:
        settings = WebSettings(endpoint_url=url, oidc_issuer=url)
        aws = Aws(settings, patience(settings.aws_seconds))
        AwsBulkhead(settings.aws_seconds).register(aws.events)
        with served(create_app(settings, wire(settings, aws))) as running:
            yield running


def cookie_of(app: Flask) -> str:
    """A session of somebody whom only the database knows."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer
    return f"gas_session={serializer.dumps({'login': 'ada/0/secret'})}"


Timed = tuple[requests.Response, float]


def together(site: Served, path: str, **headers: str) -> list[Timed]:
    """Many requests at the same time; meanwhile pages that need no back end must open."""
    with ThreadPoolExecutor(TOGETHER) as pool:
        asked = [pool.submit(site.timed, path, **headers) for _ in range(TOGETHER)]
        slowest = 0.0
        while not all(one.done() for one in asked):
            page, seconds = site.timed("/help/api")
            assert page.status_code == 200
            slowest = max(slowest, seconds)
        assert slowest < 5, slowest  # far less where nothing else runs; who waits for AWS takes 6
        return [one.result() for one in asked]


def test_pages_that_need_aws_are_refused_in_seconds_while_it_hangs(site: Served) -> None:
    app = Flask("signer", root_path="/")
    app.secret_key = WebSettings().session_secret
    answers = together(site, "/jobs", Cookie=cookie_of(app))
    for answer, seconds in answers:
        assert answer.status_code == 503
        assert seconds < 20
        assert int(answer.headers["Retry-After"]) > 0
        assert "send us this id: " in answer.text
    at_once = [seconds for _, seconds in answers if seconds < 5]
    assert len(at_once) >= TOGETHER - 12 - 4


def test_the_api_names_the_trace_while_aws_hangs(site: Served) -> None:
    for answer, seconds in together(site, "/api/v1/jobs", Authorization=TOKEN):
        assert answer.status_code == 503
        assert seconds < 20
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["type"] == "urn:gas:problem:unavailable"
        assert len(answer.json()["trace_id"]) == 32
        assert answer.json()["trace_id"] in answer.json()["detail"]


def test_the_login_is_refused_in_seconds_while_the_provider_hangs(site: Served) -> None:
    answers = together(site, "/login")
    for answer, seconds in answers:
        assert answer.status_code == 503
        assert seconds < 20
        assert int(answer.headers["Retry-After"]) > 0
    assert len([seconds for _, seconds in answers if seconds < 5]) >= TOGETHER - 4 - 4


def test_many_slow_calls_of_one_request_are_bounded_in_total() -> None:
    bulkhead = AwsBulkhead(budget_seconds=0.2, places=1)
    begin_request()
    for _ in range(3):
        bulkhead.before_attempt()
        time.sleep(0.08)
        bulkhead.after_attempt()
    with pytest.raises(BackendBusy):
        bulkhead.before_attempt()
    begin_request()
    bulkhead.before_attempt()  # the place was given back, and another request has its own budget


def test_a_place_is_given_back_and_taken_again() -> None:
    bulkhead = Bulkhead(1)
    for _ in range(3):
        with bulkhead.place(), pytest.raises(BackendBusy):
            bulkhead.enter()


def test_health_fails_while_all_threads_hang_and_the_port_knows_nothing_else() -> None:
    application = WebServer()
    release = threading.Event()
    application.app.add_url_rule("/hang", "hang", lambda: str(release.wait(20)))
    limits = Limits(page_threads=2, hung=0.5, stop=2, waiting=1, wait=0.3)
    with served(application.app, limits) as running, ThreadPoolExecutor(3) as pool:
        assert requests.get(running.health, timeout=5, headers={"Host": "10.0.0.7"}).ok
        assert requests.get(running.health + "/x", timeout=5).status_code == 404
        hung = [pool.submit(running.timed, "/hang") for _ in range(2)]
        until(lambda: requests.get(running.health, timeout=5).status_code == 503, 5)
        refused, _ = running.timed("/help/api")
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        release.set()
        assert all(one.result()[0].status_code == 200 for one in hung)
        until(lambda: requests.get(running.health, timeout=5).ok, 5)


def test_a_query_ends_when_its_asker_has_gone(tmp_path: Path) -> None:
    application = WebServer()
    engine = EngineOfVariants(tmp_path, EngineLimits(seconds=60))
    ended: list[bool] = []

    def question() -> str:
        with engine.session() as session, stopped_with_client(session.supersede):
            try:
                session.rows(
                    "SELECT sum(a.range * b.range) FROM range(10000000) a, range(100000) b"
                )
            except Superseded:
                ended.append(True)
        return ""

    application.app.add_url_rule("/question", "question", question)
    with served(application.app) as running:
        client = running.connect(running.head("GET", "/question"))
        time.sleep(1)
        assert not ended
        client.close()
        until(lambda: ended == [True], 10)


def test_requests_that_run_are_answered_before_the_server_stops() -> None:
    application = WebServer()
    began = threading.Event()

    def slow() -> str:
        began.set()
        time.sleep(1)
        return "done"

    application.app.add_url_rule("/slow", "slow", slow)
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(served(application.app, Limits(stop=5)))
        running.connect("GET / HT")  # a stalled client must not delay the stop
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(running.timed, "/slow")
            assert began.wait(5)
            stopped = time.monotonic()
            stack.close()
            assert asked.result()[0].text == "done"
            assert time.monotonic() - stopped < 4
