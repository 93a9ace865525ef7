"""Pages that follow their job, over real sockets."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from botocore.exceptions import EndpointConnectionError

from gas.domain.job_rules import Cancel, Start
from gas.events import Lane
from tests.support.served import Served, served, until
from tests.support.web_server import User, WebServer
from web.live import hub as hub_module
from web.server.limits import Limits

QUICK = Limits(follow=30, quiet=0.2, stop=2)
SECONDS = 5.0


class Site:
    """A server, its application, and a user."""

    def __init__(self, running: Served, server: WebServer) -> None:
        self.running, self.server = running, server
        self.user = server.user()

    def follow(
        self, job_id: str, version: int, user: User | None = None, last_event: str | None = None
    ) -> Any:
        """An open stream of the page of that job."""
        found = (user or self.user).browser.get_cookie("gas_session")
        assert found
        headers = {"Cookie": f"gas_session={found.value}"}
        if last_event:
            headers["Last-Event-ID"] = last_event
        return requests.get(
            f"{self.running.url}/jobs/{job_id}/live?part=live&version={version}",
            headers=headers,
            stream=True,
            timeout=SECONDS,
            allow_redirects=False,
        )

    @property
    def pages(self) -> int:
        assert self.running.hub
        return self.running.hub.count


@pytest.fixture
def site() -> Iterator[Site]:
    server = WebServer()
    with served(server.app, QUICK) as running:
        yield Site(running, server)


def frames(answer: Any) -> Iterator[dict[str, str]]:
    """The events of a stream, without comments and the first frame, which has no event."""
    frame: dict[str, str] = {}
    for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
        name, _, value = line.partition(": ")
        if line and name:
            frame[name] = value
        elif not line:
            if "event" in frame:
                yield frame
            frame = {}


def test_a_page_is_told_that_its_job_changed_and_the_stream_ends(site: Site) -> None:
    job_id = site.user.submitted()
    with site.follow(job_id, 1) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        until(lambda: site.pages == 1, SECONDS)
        site.server.world.jobs.execute(job_id, Start("e", "b"))
        found = [frame for frame in frames(answer) if frame["event"] == "changed"]
    assert found == [{"id": "2", "event": "changed", "data": "2"}]
    until(lambda: site.pages == 0, SECONDS)


def test_what_happened_while_nobody_was_connected_is_told_at_once(site: Site) -> None:
    job_id = site.user.submitted()
    site.server.world.jobs.execute(job_id, Start("e", "b"))
    site.server.world.pass_time(timedelta(minutes=1))  # longer than the reader looks back
    with site.follow(job_id, 1) as answer:
        assert next(frames(answer))["id"] == "2"
    with site.follow(job_id, 0, last_event="1") as answer:
        assert next(frames(answer))["id"] == "2"


def test_a_page_shows_the_place_in_the_queue_and_the_progress(site: Site) -> None:
    world, progress = site.server.world, site.server.progress
    first, second = site.user.submitted(), site.user.submitted()
    progress.record_pace(Lane.SMALL, 30.0)
    with site.follow(second, 1) as answer:
        state = json.loads(next(frames(answer))["data"])
    words = "1 job is ahead of this one; it is likely to start within a minute or two."
    assert state == {"words": words, "fraction": None}
    world.jobs.execute(first, Start("e", "b"))
    world.pass_time(timedelta(minutes=1))
    progress.record(first, 0.25, 1_000, 1)
    with site.follow(first, 2) as answer:
        state = json.loads(next(frames(answer))["data"])
    words = "Annotating: 1,000 records so far, about 3 minutes left."
    assert state == {"words": words, "fraction": 0.25}


def test_silence_is_filled_so_that_no_proxy_takes_it_for_the_end(site: Site) -> None:
    done = site.server.world.completed(site.user.id)
    with site.follow(done.job_id, done.version) as answer:
        lines = answer.iter_lines(chunk_size=1, decode_unicode=True)
        assert [next(lines) for _ in range(3)] == ["retry: 3000", "", ":"]


def test_strangers_and_visitors_without_a_login_follow_nothing(site: Site) -> None:
    job_id = site.user.submitted()
    with site.follow(job_id, 1, site.server.user("eve")) as answer:
        assert answer.status_code == 404
    assert requests.get(
        f"{site.running.url}/jobs/{job_id}/live", timeout=SECONDS, allow_redirects=False
    ).status_code in (302, 303)
    assert site.pages == 0


def test_too_many_pages_are_refused_and_closed_ones_make_room(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "MOST_OF_ONE", 2)
    job_id = site.user.submitted()
    opened = [site.follow(job_id, 1) for _ in range(2)]
    with site.follow(job_id, 1) as refused:
        assert refused.status_code == 503
        assert refused.headers["Retry-After"]
    for answer in opened:
        answer.close()
    until(lambda: site.pages == 0, SECONDS)
    with site.follow(job_id, 1) as again:
        assert again.status_code == 200


def test_pages_go_on_after_a_time_in_which_aws_did_not_answer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = site.user.submitted()
    feed = site.server.app.extensions["gas"].live.feed
    asked: list[float] = []

    def fails(*_: object) -> Any:
        asked.append(time.monotonic())
        raise EndpointConnectionError(endpoint_url="http://db")

    with monkeypatch.context() as patch, site.follow(job_id, 1) as answer:
        patch.setattr(type(feed), "since", fails)
        until(lambda: len(asked) > 1, SECONDS)
        patch.undo()
        site.server.world.jobs.execute(job_id, Cancel("u", "r"))
        assert any(frame["event"] == "changed" for frame in frames(answer))


def test_open_pages_do_not_hold_up_the_end_of_the_server() -> None:
    server = WebServer()
    with served(server.app, Limits(quiet=20, stop=10)) as running:
        site = Site(running, server)
        done = server.world.completed(site.user.id)
        opened = [site.follow(done.job_id, done.version) for _ in range(3)]
        until(lambda: site.pages == 3, SECONDS)
        began = time.monotonic()
    assert time.monotonic() - began < 4
    for answer in opened:
        answer.close()
