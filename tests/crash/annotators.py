"""Several annotators of one running stack, which are killed by their process ids."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from local.demo import end
from local.stack import ROOT, Stack

_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Annotators:
    """The annotators of a stack by their names; each is started again when it dies."""

    stack: Stack
    names: Sequence[str]

    def kill(self, name: str) -> bool:
        """End one by SIGKILL; False where it is down already."""
        try:
            os.kill(self.stack.pid_of(name), signal.SIGKILL)
        except (ProcessLookupError, FileNotFoundError, ValueError):
            return False
        return True


@contextlib.contextmanager
def annotators(stack: Stack, count: int, overrides: Mapping[str, str]) -> Iterator[Annotators]:
    """So many annotators of the stack: its own, and others beside it until the block ends.

    ``overrides`` is what the stack itself was started with.
    """
    names = ["annotator", *(f"annotator-{number}" for number in range(2, count + 1))]
    with contextlib.ExitStack() as running, (stack.state / "annotators.log").open("ab") as log:
        for name in names[1:]:
            environment = {**os.environ, **stack.environment(), **overrides}
            environment["GAS_HEALTH_FILE"] = str(stack.health / name)
            pid_file = str(stack.state / "pids" / name)
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "local.respawn",
                    pid_file,
                    sys.executable,
                    "-m",
                    "annotator",
                ],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            running.callback(end, process, _STOP_SECONDS)
        yield Annotators(stack, names)
