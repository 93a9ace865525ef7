"""``make bench-watchers WATCHERS=1000``: what open pages of running jobs cost the web server.

A web process against the emulator, with as many open pages as jobs that run and whose progress
changes every three seconds. CPU time and AWS requests are those of the web process alone. For
comparison: one request by which a page would ask, so what polling would cost.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import selectors
import socket
import tempfile
import threading
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import requests

from gas.aws.clients import Aws
from gas.aws.items import wire as item_of
from gas.domain.job_rules import Start
from gas.eventstore.rows import job_row
from gas.settings import Settings
from tests.support.servers import deployed_installation, running_emulator
from tests.support.world import World
from web.accounts.service import Identity
from web.app import create_app
from web.live.hub import MOST_OF_ONE, Hub
from web.ports import Ports, wire
from web.server.limits import Limits
from web.server.serving import HttpServer, listen
from web.settings import WebSettings

HOST = "127.0.0.1"
_BATCH = 25
_PROGRESS_SECONDS = 3.0
_POLLS = 200
Jobs = list[tuple[str, str]]  # cookie and job id


def main() -> None:
    """Open the pages, watch for a while, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, default=1_000)
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    _allow_connections()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_emulator(Path(folder)) as url,
        deployed_installation(url) as settings,
    ):
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        arguments = (settings, given.watchers, theirs, folder)
        child = multiprocessing.get_context("spawn").Process(target=_serve, args=arguments)
        child.start()
        try:
            _measure(ours, settings, given.seconds)
        finally:
            ours.send("stop")
            child.join(20)


def _allow_connections() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _serve(settings: Settings, watchers: int, pipe: Connection, folder: str) -> None:
    """The web process: makes users and jobs, serves, and answers what it has used so far."""
    _allow_connections()
    web = WebSettings(
        prefix=settings.prefix,
        region=settings.region,
        endpoint_url=settings.endpoint_url,
        account_id=settings.account_id,
        variants_folder=Path(folder) / "variants",
    )
    aws = Aws(web)
    calls: Counter[str] = Counter()
    aws.events.register("before-call.dynamodb", lambda model, **_: calls.update([model.name]))
    wired = wire(web, aws)
    app = create_app(web, wired)
    jobs = _jobs(app, wired, aws, web, watchers)
    listener = listen(HOST, 0)
    server = HttpServer(app, listener, 0, Limits(), Hub(wired.live))
    threading.Thread(target=server.run, daemon=True).start()
    pipe.send((listener.getsockname()[1], jobs))
    while pipe.recv() != "stop":
        pipe.send((time.process_time(), dict(calls), threading.active_count()))
    server.stop()


def _jobs(app: Any, wired: Ports, aws: Aws, settings: WebSettings, watchers: int) -> Jobs:
    """As many running jobs, of users who each open as many pages as one may."""
    world, client = World(), aws.dynamodb()
    found: Jobs = []
    rows = []
    for number in range(-(-watchers // MOST_OF_ONE)):
        identity = Identity("http://issuer", str(number), f"u{number}@example.org", "u")
        user_id = wired.accounts.sign_in(identity).user_id
        cookie = _cookie(app, str(wired.sessions.begin(user_id)))
        for _ in range(min(MOST_OF_ONE, watchers - len(found))):
            job = world.jobs.execute(world.submit(user_id).job_id, Start("e", "b"))
            rows.append(job_row(job).item)
            found.append((cookie, job.job_id))
    _put(client, settings.named("jobs"), rows)
    return found


def _cookie(app: Any, key: str) -> str:
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["login"] = key
    return f"gas_session={browser.get_cookie('gas_session').value}"


def _put(client: Any, table: str, items: list[Any]) -> None:
    for begin in range(0, len(items), _BATCH):
        puts = [{"PutRequest": {"Item": item}} for item in items[begin : begin + _BATCH]]
        client.batch_write_item(RequestItems={table: puts})


class _Pages(threading.Thread):
    """Reads all streams, and counts the frames."""

    def __init__(self, port: int, jobs: Jobs) -> None:
        super().__init__(daemon=True)
        self.frames = 0
        self._selector = selectors.DefaultSelector()
        for cookie, job_id in jobs:
            page = socket.create_connection((HOST, port), timeout=20)
            path = f"/jobs/{job_id}/live?part=live&version=2"
            head = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nCookie: {cookie}\r\n\r\n"
            page.sendall(head.encode())
            first = page.recv(4096)
            if b" 200 " not in first:
                raise RuntimeError(first.decode())
            page.setblocking(False)
            self._selector.register(page, selectors.EVENT_READ)

    def run(self) -> None:
        while True:
            for key, _ in self._selector.select(1):
                page = key.fileobj
                assert isinstance(page, socket.socket)
                self.frames += page.recv(1 << 16).count(b"event: state")


def _measure(pipe: Connection, settings: Settings, seconds: int) -> None:
    port, jobs = pipe.recv()
    began = _used(pipe)
    pages = _Pages(port, jobs)
    pages.start()
    opened = _used(pipe)
    threading.Thread(target=_progress, args=(settings, jobs), daemon=True).start()
    time.sleep(10)
    before, frames, clock = _used(pipe), pages.frames, time.monotonic()
    time.sleep(seconds)
    after, wall = _used(pipe), time.monotonic() - clock
    polling = _polling(pipe, port, jobs[0])
    cpu = after[0] - before[0]
    calls = {name: (count - before[1].get(name, 0)) / wall for name, count in after[1].items()}
    print(f"{len(jobs):,} pages of {len(jobs):,} running jobs, {wall:.0f} s\n\n| | |\n|---|---:|")
    print(f"| CPU of the web process, of a core | {cpu / wall:.1%} |")
    print(f"| states sent a second | {(pages.frames - frames) / wall:,.0f} |")
    print(f"| threads of the process, before and after | {began[2]}, {after[2]} |")
    each = ", ".join(f"{name} {count:.1f}" for name, count in sorted(calls.items()) if count)
    print(f"| AWS requests a second | {each} |")
    print(f"| CPU to open a page | {(opened[0] - began[0]) / len(jobs) * 1e3:.1f} ms |")
    for what, milliseconds in polling.items():
        share = len(jobs) / 5 * milliseconds / 1e3
        name = f"{what}: CPU, and of a core if each page asked every 5 s"
        print(f"| {name} | {milliseconds:.1f} ms, {share:.0%} |")


def _used(pipe: Connection) -> tuple[float, dict[str, int], int]:
    pipe.send("used")
    used: tuple[float, dict[str, int], int] = pipe.recv()
    return used


def _progress(settings: Settings, jobs: Jobs) -> None:
    """Every job gets on, as the annotator writes it."""
    client = Aws(settings).dynamodb()
    for step in range(1, 1_000_000):
        began = time.monotonic()
        values = {"fraction": step % 1000 / 1000 or 1, "variants": step * 1_000, "attempt": 1}
        texts = {name: json.dumps(value) for name, value in values.items()}
        numbers = {name: {"N": text} for name, text in texts.items()}
        at = item_of({"heartbeat_at": "2026-01-01T00:00:00+00:00"})
        _put(
            client,
            settings.named("progress"),
            [{"job_id": {"S": job_id}, **numbers, **at} for _, job_id in jobs],
        )
        time.sleep(max(0.0, _PROGRESS_SECONDS - (time.monotonic() - began)))


def _polling(pipe: Connection, port: int, job: tuple[str, str]) -> dict[str, float]:
    """CPU milliseconds of one question, as the page would ask it without the stream."""
    found = {}
    for what, path in (
        ("the part of the page", f"/jobs/{job[1]}?part=live"),
        ("who asks and which job, all that a 304 needs", f"/jobs/{job[1]}/download?part=live"),
    ):
        before = _used(pipe)
        with requests.Session() as session:
            for _ in range(_POLLS):
                session.get(
                    f"http://{HOST}:{port}{path}",
                    headers={"Cookie": job[0]},
                    timeout=30,
                    allow_redirects=False,
                )
        after = _used(pipe)
        found[what] = (after[0] - before[0]) / _POLLS * 1e3
    return found


if __name__ == "__main__":
    main()
