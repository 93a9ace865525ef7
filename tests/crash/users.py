"""Users who go on working while services are killed, and try again."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import requests

from local.client import Client, Surprise, expect, log_in, make_token
from tests.crash.targets import Tally, Target

_ENDED = {"completed", "archived", "failed", "cancelled", "restoring"}

T = TypeVar("T")


def patiently(act: Callable[[], T], seconds: float = 120) -> T:
    """Try until it succeeds: the server may be down or starting. Raises after that many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return act()
        except (requests.RequestException, Surprise):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


class User:
    """A user who keeps jobs in flight, each with a file whose result is known."""

    def __init__(self, target: Target, name: str, files: list[Path], seed: int) -> None:
        self.name = name
        self.email = f"{name}@example.org"
        self.client = patiently(
            lambda: Client(target.url, make_token(target.url, log_in(target.url, self.email)))
        )
        self.jobs: dict[str, Path] = {}
        self._files = files
        self._rng = random.Random(seed)

    def keep_busy(self, stop: threading.Event, at_once: int, tally: Tally) -> None:
        """Keep that many jobs unfinished until ``stop`` is set; sometimes do something else."""
        open_jobs: set[str] = set()
        while not stop.is_set():
            while len(open_jobs) < at_once and not stop.is_set():
                open_jobs.add(self._submit())
                tally.acts["submit"] += 1
            self._do_something_else(open_jobs, tally)
            shown = patiently(lambda: self.client.get("/jobs?limit=100"))["jobs"]
            open_jobs -= {job["job_id"] for job in shown if job["status"] in _ENDED}

    def _submit(self) -> str:
        file = self._rng.choice(self._files)
        upload_id = patiently(lambda: self.client.upload(file))
        job_id = patiently(lambda: self.client.submit(upload_id))
        self.jobs[job_id] = file
        return job_id

    def _do_something_else(self, open_jobs: set[str], tally: Tally) -> None:
        chance = self._rng.random()
        if chance < 0.05:
            act = self._rng.choice(["upgrade", "downgrade"])
            patiently(lambda: self._must(f"/account/{act}"))
            tally.acts[act] += 1
        elif chance < 0.08 and open_jobs:
            job_id = self._rng.choice(sorted(open_jobs))
            patiently(lambda: self.client.call("POST", f"/jobs/{job_id}/cancel"))
            tally.acts["cancel"] += 1

    def _must(self, path: str) -> None:
        expect(self.client.call("POST", path).ok, path)

    def upgrade(self) -> None:
        """Upgrade, which restores everything."""
        patiently(lambda: self._must("/account/upgrade"))


def known_results(target: Target, files: list[Path]) -> dict[Path, str]:
    """The SHA-256 of each file's result, from a run without kills."""
    client = Client(target.url, make_token(target.url, log_in(target.url, "before@example.org")))
    client.call("POST", "/account/upgrade")
    known = {}
    for file in files:
        job_id = client.annotate(file)
        client.wait_for(job_id, "completed")
        known[file] = hashlib.sha256(client.download(job_id)).hexdigest()
    return known
