"""What is killed at random: the services of the embedded stack, or the containers of Compose."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from local.stack import WORKERS, Stack

SERVICES = ("web", *WORKERS)


@dataclass
class Tally:
    """How often each service was killed, and how often users did what."""

    kills: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        kills = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        acts = ", ".join(f"{name} {count}" for name, count in sorted(self.acts.items()))
        return f"{self.kills.total()} kills ({kills}); acts: {acts}"


@dataclass(frozen=True, slots=True)
class Target:
    """A running GAS: its URLs, and how to kill one of its services, which then restarts.

    ``kill`` returns False where the service is down already.
    """

    url: str
    aws_url: str
    kill: Callable[[str], bool]


def killing_processes(stack: Stack) -> Target:
    """The embedded stack, which restarts a service that died."""

    def kill(name: str) -> bool:
        try:
            os.kill(stack.pid_of(name), signal.SIGKILL)
        except (ProcessLookupError, FileNotFoundError, ValueError):
            return False
        return True

    return Target(stack.url, stack.aws_url, kill)


def killing_containers(url: str, aws_url: str) -> Target:
    """The containers of ``make up``; Docker does not restart what ``docker kill`` stopped."""

    def docker(*words: str) -> bool:
        done = subprocess.run(["docker", *words], capture_output=True, timeout=60, check=False)
        return done.returncode == 0

    def kill(name: str) -> bool:
        killed = docker("kill", f"gas-{name}-1")
        return docker("start", f"gas-{name}-1") and killed

    return Target(url, aws_url, kill)


def kill_for(target: Target, stop: threading.Event, rng: random.Random, tally: Tally) -> None:
    """Kill one service after another until ``stop`` is set."""
    while not stop.wait(rng.uniform(0.2, 2.0)):
        name = rng.choice(SERVICES)
        tally.kills[name] += target.kill(name)
