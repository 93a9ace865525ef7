"""A web process of benchmarks: real ports against an emulator; how much CPU time it has used."""

from __future__ import annotations

import multiprocessing
import os
import resource
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from flask import Flask

from bench.memory import peak_megabytes
from gas.aws.clients import Aws
from gas.settings import Settings
from local.ports import HOST
from tests.support.servers import deployed_installation, running_emulator
from web.accounts.service import Identity
from web.app import create_app
from web.live.hub import Hub
from web.ports import Ports, wire
from web.server.limits import Limits
from web.server.serving import HttpServer, listen
from web.settings import WebSettings

_BATCH = 25


@dataclass(frozen=True, slots=True)
class Used:
    """What the process has used so far: seconds of CPU, AWS requests by name, threads, memory."""

    seconds: float
    calls: dict[str, int]
    threads: int
    peak_mb: float


class Web:
    """Web in this process, on the installation of those settings."""

    def __init__(self, settings: Settings, folder: str) -> None:
        self.settings = WebSettings(
            prefix=settings.prefix,
            region=settings.region,
            endpoint_url=settings.endpoint_url,
            account_id=settings.account_id,
            variants_folder=Path(folder) / "variants",
            free_requests="1000000/minute",
            aws_seconds=60,  # the emulator reads long lists slowly
        )
        self.aws = Aws(self.settings)
        self.calls: Counter[str] = Counter()
        self.aws.events.register(
            "before-call", lambda model, **_: self.calls.update([str(model.name)])
        )
        self.ports: Ports = wire(self.settings, self.aws)
        self.app: Flask = create_app(self.settings, self.ports)
        self._servers: list[HttpServer] = []

    def sign_in(self, name: str) -> tuple[str, str]:
        """The id of a new user, and the header Cookie of their browser."""
        identity = Identity("http://issuer", name, f"{name}@example.org", name)
        user_id = self.ports.accounts.sign_in(identity).user_id
        browser = self.app.test_client()
        with browser.session_transaction() as session:
            session["login"] = str(self.ports.sessions.begin(user_id))
        cookie = browser.get_cookie("gas_session")
        assert cookie
        return user_id, f"gas_session={cookie.value}"

    def serve(self, app: Flask) -> int:
        """Serve that application; returns the port."""
        listener = listen(HOST, 0)
        server = HttpServer(app, listener, 0, Limits(), Hub(self.ports.live))
        self._servers.append(server)
        threading.Thread(target=server.run, daemon=True).start()
        return int(listener.getsockname()[1])

    def stop(self) -> None:
        """End all servers."""
        for server in self._servers:
            server.stop()


Prepare = Callable[[Web, Any], Any]
"""Makes users and jobs and serves; what it returns is sent to the measuring process."""


@dataclass(slots=True)
class WebProcess:
    """A web process as the measuring process sees it; ``prepared`` is what ``Prepare`` returned."""

    settings: Settings
    prepared: Any
    _pipe: Connection = field(repr=False)

    def used(self) -> Used:
        """What it has used so far."""
        self._pipe.send("used")
        found: Used = self._pipe.recv()
        return found


@contextmanager
def web_process(prepare: Prepare, argument: Any) -> Iterator[WebProcess]:
    """A web process on the AWS of ``GAS_TEST_AWS_URL`` or an emulator, ended with the block."""
    allow_connections()
    spawning = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as folder,
        _aws(Path(folder)) as url,
        deployed_installation(url) as settings,
    ):
        ours, theirs = spawning.Pipe()
        child = spawning.Process(target=_run, args=(settings, folder, prepare, argument, theirs))
        child.start()
        theirs.close()  # so that nobody waits for a child that has failed
        try:
            yield WebProcess(settings, ours.recv(), ours)
        finally:
            with suppress(BrokenPipeError):
                ours.send("stop")
            child.join(20)


def _aws(folder: Path) -> AbstractContextManager[str]:
    """As for tests: what the emulator has no index for, another one may answer at once."""
    given = os.environ.get("GAS_TEST_AWS_URL")
    return nullcontext(given) if given else running_emulator(folder)


def allow_connections() -> None:
    """Let this process have as many open files as it may."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def put_rows(client: Any, table: str, items: list[Any]) -> None:
    """Write many rows."""
    for begin in range(0, len(items), _BATCH):
        puts = [{"PutRequest": {"Item": item}} for item in items[begin : begin + _BATCH]]
        client.batch_write_item(RequestItems={table: puts})


def _run(
    settings: Settings, folder: str, prepare: Prepare, argument: Any, pipe: Connection
) -> None:
    allow_connections()
    web = Web(settings, folder)
    pipe.send(prepare(web, argument))
    while pipe.recv() != "stop":
        used = Used(
            time.process_time(), dict(web.calls), threading.active_count(), peak_megabytes()
        )
        pipe.send(used)
    web.stop()
