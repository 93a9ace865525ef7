"""The child: annotates one file within limits, and reports line by line.

Reads a Task from standard input. It may crash or be killed at any time; the parent alone decides
what becomes of the job.
"""

from __future__ import annotations

import gc
import socket
import sys
import time
from pathlib import Path

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.consequences.bundled import version_of
from annotator.consequences.engine import DatabaseUnusable, Engine, EngineMissing
from annotator.processes.pipes import Limits
from annotator.rejection import Rejected
from annotator.runner.job import annotate
from annotator.runner.local_engine import LocalEngine
from annotator.runner.protocol import Done, Refusal, Task, Tick, Unusable
from annotator.runner.warm.client import WarmEngine

_ADDRESS_SPACE_BYTES = 8 << 30
_MAPPINGS = 2
"""mehari and our own gene models each map the reference, where they are loaded here."""
_TICK_SECONDS = 1.0


class Voice:
    """Speaks to the parent, ticks at most once a second."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def say(self, word: Tick | Refusal | Unusable | Done) -> None:
        """Say it at once."""
        sys.stdout.write(word.model_dump_json() + "\n")
        sys.stdout.flush()

    def tick(self, fraction: float, variants: int) -> None:
        """Say how far we are, if the last word on it was a second ago."""
        if time.monotonic() - self._last >= _TICK_SECONDS:
            self._last = time.monotonic()
            self.say(Tick(fraction=fraction, variants=variants))


def main() -> int:
    """Do the task on standard input; the exit status is 0 once the last word was said."""
    gc.disable()  # little here refers to itself, and looking for it takes a while
    task = Task.model_validate_json(sys.stdin.buffer.read())
    root = Path(task.bundles) if task.bundles else bundles.EMBEDDED
    bundle = bundles.find(task.bundle, root)
    space = _ADDRESS_SPACE_BYTES + _MAPPINGS * bundle.reference.stat().st_size
    Limits(space, task.max_seconds, 2 * task.max_inflated_bytes).apply()
    voice = Voice()
    try:
        voice.say(Done(counts=annotate(task, _engine(task, bundle), bundle, voice.tick)))
    except Rejected as rejected:
        voice.say(Refusal(code=rejected.code, message=rejected.message, line=rejected.line))
    except (DatabaseUnusable, EngineMissing) as error:
        voice.say(Unusable(message=str(error)))
    return 0


def _engine(task: Task, bundle: Bundle) -> Engine:
    if task.connector is None:
        return LocalEngine(bundle)
    connector = socket.socket(fileno=task.connector)
    return WarmEngine(connector, version_of(bundle), task.workers)
