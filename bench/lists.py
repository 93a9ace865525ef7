"""``make bench-lists JOBS=10000``: pages of a user with many jobs, beside bare Flask pages.

One web process against the emulator, with the same server for our application and for a bare one,
whose page renders a template of one line, or asks DynamoDB one question before. A few clients ask
one page again and again. CPU time and AWS requests are those of the web process alone, so other
work on the machine changes them little; requests a second depend on the emulator too.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask, render_template_string

from bench.web_process import Web, WebProcess, put_rows, web_process
from gas.domain.job import Job
from gas.domain.job_rules import Complete, Start, Submit
from gas.events import InputFile, Lane, Plan, ResultFile, ResultKind, new_id
from gas.eventstore.rows import job_row
from gas.runtime.repositories import utc_now
from local.ports import HOST

_CLIENTS = 4
_WARM_REQUESTS = 5
_COUNTS = {"records": 1, "annotated": 1, "genes": 1}
_SUMMARY = {
    "records": 1, "annotated": 1, "ts_tv_ratio": None, "consequences": {"x": 1}, "genes": {},
}  # fmt: skip
_RETURNED = "as before"
"""Begins the name of a part that is asked for with its last ETag, as its page does."""
Page = tuple[str, int, str]
"""What is asked, the port, and the request up to its last header."""


def main() -> None:
    """Ask each page for a while, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.lists", description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=6)
    given = parser.parse_args()
    with web_process(_prepare, given.jobs) as web:
        print(f"{given.jobs:,} jobs, {_CLIENTS} clients, {given.seconds:g} s each\n")
        print("| page | requests a second | of bare | CPU, ms | of bare | AWS requests | KB |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        bare: _Measured | None = None
        for page in web.prepared:
            found = _measured(web, page, given.seconds)
            bare = bare or found  # the first one
            print(found.line(bare), flush=True)


def _prepare(web: Web, jobs: int) -> list[Page]:
    user_id, cookie = web.sign_in("ada")
    job = _completed(web, user_id)
    rows = [job_row(another(job, number)).item for number in range(jobs - 1)]
    put_rows(web.aws.dynamodb(), web.settings.named("jobs"), rows)
    port, bare = web.serve(web.app), web.serve(_bare_app(web))
    addresses = {
        "bare Flask page": (bare, "/"),
        "bare Flask page with one question to DynamoDB": (bare, "/question"),
        "job list": (port, "/jobs"),
        "job list, searched and sorted": (port, "/jobs?q=sample-00&sort=name"),
        "its live update": (port, "/jobs?part=live"),
        f"{_RETURNED}, its live update": (port, "/jobs?part=live"),
        "job page": (port, f"/jobs/{job.job_id}"),
        "the job's live update": (port, f"/jobs/{job.job_id}?part=live"),
        f"{_RETURNED}, the job's live update": (port, f"/jobs/{job.job_id}?part=live"),
    }
    head = f"Host: {HOST}:%d\r\nCookie: {cookie}\r\n"
    return [
        (name, at, f"GET {path} HTTP/1.1\r\n{head % at}") for name, (at, path) in addresses.items()
    ]


def _completed(web: Web, user_id: str) -> Job:
    """A job with its events, files and row, as a page reads them."""
    job_id, bucket = new_id(), web.settings.bucket("inputs")
    web.aws.s3().put_object(Bucket=bucket, Key=f"{user_id}/upload", Body=b"x")
    version = web.aws.s3().head_object(Bucket=bucket, Key=f"{user_id}/upload").get("VersionId")
    upload = InputFile(
        bucket=bucket, key=f"{user_id}/upload", size_bytes=1, etag="e", filename="sample-0.vcf",
        version_id=version,
    )  # fmt: skip
    repository = web.ports.jobs.jobs
    submit = Submit(job_id, user_id, upload, "human-mt", Plan.FREE, Lane.SMALL, False, None)
    repository.begin(job_id, submit)
    repository.execute(job_id, Start("engine", "human-mt@1"))
    text = json.dumps(_SUMMARY).encode()
    files = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(text)
        for kind in ResultKind:
            key = f"{user_id}/{job_id}/{kind}"
            web.ports.jobs.results.put(key, path, "application/json")
            digest = hashlib.sha256(text).hexdigest()
            files.append(ResultFile(kind=kind, key=key, size_bytes=len(text), sha256=digest))
    until = utc_now() + timedelta(days=1)
    return repository.execute(job_id, Complete(tuple(files), _COUNTS, 1.5, until))


def another(job: Job, number: int) -> Job:
    """A job like it, with an id and a file's name of its own, that last changed a day ago."""
    name = f"sample-{number:05}.vcf"
    return dataclasses.replace(
        job,
        job_id=new_id(),
        input=job.input.model_copy(update={"filename": name}),
        changed_at=utc_now() - timedelta(days=1),
    )


def _bare_app(web: Web) -> Flask:
    app, client = Flask("bare"), web.aws.dynamodb()
    table = web.settings.named("accounts")

    @app.get("/")
    def page() -> str:
        return render_template_string("<!doctype html><p>Hello {{ name }}</p>", name="Ada")

    @app.get("/question")
    def question() -> str:
        client.get_item(TableName=table, Key={"user_id": {"S": "nobody"}})
        return page()

    return app


@dataclasses.dataclass(frozen=True, slots=True)
class _Measured:
    name: str
    rate: float
    cpu: float
    """Milliseconds of the web process for each request."""
    calls: float
    size: int

    def line(self, bare: _Measured) -> str:
        """A row of the table, with the ratios to the bare page."""
        return (
            f"| {self.name} | {self.rate:,.0f} | {self.rate / bare.rate:.2f} | {self.cpu:.1f} |"
            f" {self.cpu / bare.cpu:.1f} | {self.calls:.1f} | {self.size / 1e3:.1f} |"
        )


def _measured(web: WebProcess, page: Page, seconds: float) -> _Measured:
    name, port, request = page
    client = _Client(port, request)
    for _ in range(_WARM_REQUESTS):
        client.ask()
    if name.startswith(_RETURNED):
        request += f"If-None-Match: {client.tag}\r\n"
    until, clients = time.monotonic() + seconds, [_Client(port, request) for _ in range(_CLIENTS)]
    before, began = web.used(), time.monotonic()
    threads = [threading.Thread(target=one.ask_until, args=(until,)) for one in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall, after = time.monotonic() - began, web.used()
    asked = sum(one.asked for one in clients)
    cpu = (after.seconds - before.seconds) / asked * 1e3
    calls = (sum(after.calls.values()) - sum(before.calls.values())) / asked
    return _Measured(name, asked / wall, cpu, calls, clients[0].size)


class _Client:
    """One connection that asks the same again and again, with little work of its own."""

    def __init__(self, port: int, request: str) -> None:
        self._request = f"{request}\r\n".encode()
        self._socket = socket.create_connection((HOST, port), timeout=300)
        self.asked = 0
        self.size = 0
        self.tag = ""
        """The ETag of the last answer."""

    def ask_until(self, until: float) -> None:
        while time.monotonic() < until:
            self.ask()
            self.asked += 1

    def ask(self) -> None:
        """One request. Raises RuntimeError unless it is a page, or a 304 that was asked for."""
        self._socket.sendall(self._request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._receive()
        head, _, body = answer.partition(b"\r\n\r\n")
        status = 304 if b"If-None-Match" in self._request else 200
        if not head.startswith(f"HTTP/1.1 {status} ".encode()):
            raise RuntimeError(head.decode())
        pairs = [line.partition(b": ") for line in head.split(b"\r\n")]
        headers = {name.lower(): value for name, _, value in pairs}
        self.tag = headers.get(b"etag", b"").decode()
        self.size = int(headers.get(b"content-length", 0)) if status == 200 else 0
        while len(body) < self.size:
            body += self._receive()

    def _receive(self) -> bytes:
        found = self._socket.recv(1 << 16)
        if not found:
            raise RuntimeError("the server closed the connection")
        return found


if __name__ == "__main__":
    main()
