"""Slow, silent and hostile clients of the traffic port, over real sockets."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import requests
from flask import Response, request

from tests.support.served import Served, answer_of, served, until
from tests.support.web_server import User, WebServer
from web.server.limits import Limits

QUICK = Limits(header=0.5, body=0.5, stall=1, keep_alive=5, stop=2)
LARGE_BYTES = 3_000_000
EACH = 40


class Site:
    """The application with a large page and an endless download, and one user."""

    def __init__(self) -> None:
        self.application = WebServer()
        self.user: User = self.application.user()
        app = self.application.app
        app.add_url_rule("/large", "large", view_func=lambda: "x" * LARGE_BYTES)
        app.add_url_rule("/endless", "endless", view_func=lambda: Response(self._endless()))
        self.made_bytes = 0

    def _endless(self) -> Iterator[bytes]:
        while True:
            self.made_bytes += 100_000
            yield b"x" * 100_000

    @property
    def token(self) -> str:
        return f"Authorization: Bearer {self.user.token}"

    @property
    def cookie(self) -> str:
        found = self.user.browser.get_cookie("gas_session")
        assert found
        return f"Cookie: gas_session={found.value}"


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def quick(site: Site) -> Iterator[Served]:
    with served(site.application.app, QUICK) as running:
        yield running


def stalled_clients(running: Served, site: Site) -> dict[str, list[socket.socket]]:
    """Forty of each kind that must be cut."""
    post = running.head("POST", "/api/v1/uploads", "Content-Length: 1000")
    known = running.head("POST", "/api/v1/uploads", "Content-Length: 1000", site.token)
    texts = {
        "silent": "",
        "half a header": "GET / HTTP/1.1\r\nHost: x",
        "half a body": post + "{",
        "half a body, known": known + "{",
    }
    clients = {kind: [running.connect(text) for _ in range(EACH)] for kind, text in texts.items()}
    for path in ("/large", "/endless"):
        request = running.head("GET", path, site.cookie)
        clients[path] = [running.connect(request, 4096) for _ in range(EACH)]
    return clients


@pytest.mark.parametrize("kind", ["token", "session"])
def test_the_caller_is_looked_up_once_for_a_request_with_a_body(
    site: Site, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: Counter[str] = Counter()
    accounts = site.application.app.extensions["gas"].accounts
    for name, table in {"profile": accounts.profiles, "account": accounts.table}.items():

        def counted(user_id: str, name: str = name, get: Any = table.get) -> Any:
            reads[name] += 1
            return get(user_id)

        monkeypatch.setattr(table, "get", counted)
    headers = {
        "token": {"Authorization": f"Bearer {site.user.token}"},
        "session": {"Cookie": site.cookie.removeprefix("Cookie: ")},
    }[kind]
    body = {"filename": "my.vcf", "size_bytes": 10}
    with served(site.application.app, QUICK) as running:
        for status in (201, 201):
            answer = requests.post(
                f"{running.url}/api/v1/uploads", json=body, headers=headers, timeout=10
            )
            # A session needs the token of a form too, and the body is asked for all the same.
            assert answer.status_code == (status if kind == "token" else 400)
    assert reads == {"profile": 2, "account": 2}


def test_forty_stalled_clients_of_each_kind_stop_nobody_and_are_cut(site: Site) -> None:
    done = site.application.world.complete(
        site.application.world.submit(site.user.id), b"x" * 1_000_000
    )
    with served(site.application.app, Limits(stop=2)) as running:
        began = time.monotonic()
        clients = stalled_clients(running, site)
        log = running.head("GET", f"/jobs/{done.job_id}/log", site.cookie)
        small = [running.connect(log, 4096) for _ in range(EACH)]
        idle = [running.connect(running.head("GET", "/readyz")) for _ in range(EACH)]
        cookie = site.cookie.removeprefix("Cookie: ")
        # As many downloads as may run do; the others are refused, and idle from then on.
        running_downloads = [one for one in clients["/endless"] if b" 200 " in one.recv(16)]
        small += [one for one in clients["/endless"] if one not in running_downloads]
        clients["/endless"] = running_downloads
        assert len(running_downloads) == Limits().streams
        slowest = 0.0
        for _ in range(10):
            page, jobs_seconds = running.timed("/jobs", Cookie=cookie)
            assert page.status_code == 200
            start, login_seconds = running.timed("/login")
            assert start.status_code == 503  # there is no provider here, and it says so
            slowest = max(slowest, jobs_seconds, login_seconds)
            time.sleep(0.2)
        # Well under 1 s where nothing else runs; who waits for the stalled takes 20.
        assert slowest < 5
        # The readers of the log are idle: what fits into the kernel's buffer is sent.
        for kind, group in clients.items():
            ports = {one.getsockname()[1] for one in group}
            left = 45 - (time.monotonic() - began)  # the limits are 20 and 25 s
            try:
                until(partial(_are_gone, ports, running), left)
            except AssertionError:
                pytest.fail(f"{kind}: some are connected after 45 s")
        assert {one.getsockname()[1] for one in idle} <= running.server.clients
        assert requests.get(running.health, timeout=5).ok
        for group in (*clients.values(), small, idle):
            for one in group:
                one.close()


def _are_gone(ports: set[int], running: Served) -> bool:
    return not ports & running.server.clients


def test_a_body_is_refused_before_it_is_read(quick: Served) -> None:
    for path, expected in (("/api/v1/uploads", 401), ("/account/upgrade", 302), ("/nothing", 404)):
        client = quick.connect(quick.head("POST", path, "Content-Length: 65536"))
        first = client.recv(4096)
        assert first.startswith(f"HTTP/1.1 {expected}".encode()), first
        assert b"connection: close" in first
        client.close()


def test_a_body_that_is_too_large_is_refused_however_it_is_sent(quick: Served, site: Site) -> None:
    told = quick.head("POST", "/api/v1/uploads", "Content-Length: 10000000", site.token)
    status, text = answer_of(quick.connect(told))
    assert status == 413
    assert "application/problem+json" in text
    head = quick.head("POST", "/api/v1/uploads", "Transfer-Encoding: chunked", site.token)
    chunk = f"{40_000:x}\r\n{'x' * 40_000}\r\n"
    assert answer_of(quick.connect(head + chunk + chunk))[0] == 413


def test_a_body_that_does_not_arrive_is_answered_with_408(quick: Served, site: Site) -> None:
    head = quick.head("POST", "/api/v1/uploads", "Content-Length: 100", site.token)
    status, text = answer_of(quick.connect(head + "{"))
    assert status == 408
    assert "urn:gas:problem:request-timeout" in text


def test_a_body_is_acted_upon_once(quick: Served, site: Site) -> None:
    statuses: list[int] = []

    def note(answer: Response) -> Response:
        statuses.append(answer.status_code)
        return answer

    site.application.app.after_request(note)
    answer = requests.post(
        f"{quick.url}/api/v1/uploads",
        json={"filename": "a.vcf", "size_bytes": 10},
        headers={"Authorization": f"Bearer {site.user.token}"},
        timeout=5,
    )
    assert answer.status_code == 201
    assert statuses == [204, 201]  # admitted, then done


def test_a_form_without_its_token_is_refused_after_its_body_was_read(
    quick: Served, site: Site
) -> None:
    site.application.app.config["WTF_CSRF_ENABLED"] = True
    cookie = {"Cookie": site.cookie.removeprefix("Cookie: ")}
    answer = requests.post(
        f"{quick.url}/account/upgrade", data={"csrf_token": "x"}, headers=cookie, timeout=5
    )
    assert answer.status_code == 400


def test_an_idle_connection_outlives_a_load_balancers_minute(quick: Served) -> None:
    assert Limits().keep_alive > 60
    with requests.Session() as session:
        session.get(f"{quick.url}/readyz", timeout=5)
        before = quick.server.clients
        time.sleep(2 * QUICK.header)
        session.get(f"{quick.url}/readyz", timeout=5)
        assert quick.server.clients == before


def test_a_second_header_that_stays_half_is_cut_too(quick: Served) -> None:
    client = quick.connect(quick.head("GET", "/readyz"))
    client.recv(4096)
    client.sendall(b"GET /readyz HTTP/1.1\r\n")
    began = time.monotonic()
    answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert not answer.startswith(b"HTTP")
    assert time.monotonic() - began < 10


def test_a_download_makes_only_what_its_reader_takes(quick: Served, site: Site) -> None:
    client = quick.connect(quick.head("GET", "/endless"), 4096)
    port = client.getsockname()[1]
    until(lambda: site.made_bytes > 1_000_000, 5)
    until(lambda: port not in quick.server.clients, 5)
    assert site.made_bytes < 5_000_000
    client.close()


def test_downloads_are_bounded_and_pages_open_meanwhile(quick: Served, site: Site) -> None:
    readers = [quick.connect(quick.head("GET", "/endless"), 4096) for _ in range(QUICK.streams)]
    until(lambda: site.made_bytes >= QUICK.streams * 1_000_000, 5)
    refused, seconds = quick.timed("/endless")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert seconds < 1
    assert quick.timed("/help/api")[1] < 1
    for reader in readers:
        reader.close()


def test_the_rest_of_a_large_page_arrives_whole(quick: Served) -> None:
    assert quick.timed("/large")[0].text == "x" * LARGE_BYTES


def test_a_download_that_fails_midway_does_not_look_complete(quick: Served, site: Site) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * 3_000_000
        raise OSError("the disk is gone")

    site.application.app.add_url_rule("/broken", "broken", lambda: Response(broken()))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        quick.timed("/broken")


def test_a_head_request_has_the_header_of_the_page_and_no_more(quick: Served) -> None:
    client = quick.connect(quick.head("HEAD", "/help/api", "Connection: close"))
    status, text = answer_of(client)
    assert status == 200
    assert text.endswith("\r\n\r\n")
    assert "content-length: 0" not in text


def test_a_header_cannot_pass_for_that_of_the_proxy(quick: Served, site: Site) -> None:
    seen: list[str] = []

    def note() -> str:
        seen.append(request.headers.get("X-Forwarded-For", ""))
        return ""

    site.application.app.add_url_rule("/seen", "seen", note)
    quick.timed("/seen", X_Forwarded_For="10.1.2.3")
    assert seen == [""]
