"""``make bench-watchers WATCHERS=1000``: what open pages of running jobs cost the web server.

A web process against the emulator, with as many open pages as jobs that run and whose progress
changes every three seconds. CPU time and AWS requests are those of the web process alone. For
comparison: one request by which a page would ask, so what polling would cost.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import threading
import time

import requests

from bench.web_process import Used, Web, WebProcess, put_rows, web_process
from gas.aws.clients import Aws
from gas.aws.items import wire as item_of
from gas.domain.job_rules import Start
from gas.eventstore.rows import job_row
from gas.settings import Settings
from local.ports import HOST
from tests.support.world import World
from web.live.hub import MOST_OF_ONE

_PROGRESS_SECONDS = 3.0
_POLLS = 200
Jobs = list[tuple[str, str]]  # cookie and job id


def main() -> None:
    """Open the pages, watch for a while, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, default=1_000)
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    with web_process(_prepare, given.watchers) as web:
        _measure(web, given.seconds)


def _prepare(web: Web, watchers: int) -> tuple[int, Jobs]:
    """Port, and as many running jobs, of users who each open as many pages as one may."""
    world = World()
    found: Jobs = []
    rows = []
    for number in range(-(-watchers // MOST_OF_ONE)):
        user_id, cookie = web.sign_in(f"u{number}")
        for _ in range(min(MOST_OF_ONE, watchers - len(found))):
            job = world.jobs.execute(world.submit(user_id).job_id, Start("e", "b"))
            rows.append(job_row(job).item)
            found.append((cookie, job.job_id))
    put_rows(web.aws.dynamodb(), web.settings.named("jobs"), rows)
    return web.serve(web.app), found


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


def _measure(web: WebProcess, seconds: int) -> None:
    port, jobs = web.prepared
    began = web.used()
    pages = _Pages(port, jobs)
    pages.start()
    opened = web.used()
    threading.Thread(target=_progress, args=(web.settings, jobs), daemon=True).start()
    time.sleep(10)
    before, frames, clock = web.used(), pages.frames, time.monotonic()
    time.sleep(seconds)
    after, wall = web.used(), time.monotonic() - clock
    polling = _polling(web, port, jobs[0])
    cpu = after.seconds - before.seconds
    calls = {
        name: (count - before.calls.get(name, 0)) / wall for name, count in after.calls.items()
    }
    print(f"{len(jobs):,} pages of {len(jobs):,} running jobs, {wall:.0f} s\n\n| | |\n|---|---:|")
    print(f"| CPU of the web process, of a core | {cpu / wall:.1%} |")
    print(f"| states sent a second | {(pages.frames - frames) / wall:,.0f} |")
    print(f"| threads of the process, before and after | {began.threads}, {after.threads} |")
    each = ", ".join(f"{name} {count:.1f}" for name, count in sorted(calls.items()) if count)
    print(f"| AWS requests a second | {each} |")
    opening = (opened.seconds - began.seconds) / len(jobs) * 1e3
    # To open a page is to find out who asks and which job it is: all that a 304 needs, too.
    for what, milliseconds in (("open a page, or a 304", opening), ("the part", polling)):
        share = len(jobs) / 5 * milliseconds / 1e3
        name = f"CPU of {what}, and of a core if each page asked every 5 s"
        print(f"| {name} | {milliseconds:.1f} ms, {share:.0%} |")


def _progress(settings: Settings, jobs: Jobs) -> None:
    """Every job gets on, as the annotator writes it."""
    client = Aws(settings).dynamodb()
    for step in range(1, 1_000_000):
        began = time.monotonic()
        values = {"fraction": step % 1000 / 1000 or 1, "variants": step * 1_000, "attempt": 1}
        texts = {name: json.dumps(value) for name, value in values.items()}
        numbers = {name: {"N": text} for name, text in texts.items()}
        at = item_of({"heartbeat_at": "2026-01-01T00:00:00+00:00"})
        put_rows(
            client,
            settings.named("progress"),
            [{"job_id": {"S": job_id}, **numbers, **at} for _, job_id in jobs],
        )
        time.sleep(max(0.0, _PROGRESS_SECONDS - (time.monotonic() - began)))


def _polling(web: WebProcess, port: int, job: tuple[str, str]) -> float:
    """CPU milliseconds of one question, as the page would ask it without the stream."""
    before: Used = web.used()
    address = f"http://{HOST}:{port}/jobs/{job[1]}?part=live"
    with requests.Session() as session:
        for _ in range(_POLLS):
            answer = session.get(address, headers={"Cookie": job[0]}, timeout=30)
            answer.raise_for_status()
    return (web.used().seconds - before.seconds) / _POLLS * 1e3


if __name__ == "__main__":
    main()
