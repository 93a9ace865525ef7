"""The child: annotates one file within limits, and reports line by line.

Receives a Task on standard input. It may crash or be killed at any time; the parent alone decides
what becomes of the job.
"""

from __future__ import annotations

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
from annotator.runner.children import receive
from annotator.runner.job import annotate
from annotator.runner.local_engine import LocalEngine
from annotator.runner.protocol import (
    Done,
    NotAsPlanned,
    Refusal,
    Task,
    Tick,
    Unusable,
    Wishes,
)
from annotator.runner.warm.client import WarmEngine
from annotator.scatter.annotating import annotate_part
from annotator.scatter.cutting import cut
from annotator.scatter.merging import Unlike, merge
from annotator.scatter.tasks import ANY_TASK, JoinTask, PartTask, SplitTask

_ADDRESS_SPACE_BYTES = 8 << 30
_MAPPINGS = 8
"""Who reads the reference maps it: survey, check, haplotypes, names, gene models, and mehari."""
_TICK_SECONDS = 1.0


class Voice:
    """Speaks to the parent, ticks at most once a second."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def say(self, word: Tick | Refusal | NotAsPlanned | Unusable | Done) -> None:
        """Say it at once."""
        sys.stdout.write(word.model_dump_json() + "\n")
        sys.stdout.flush()

    def tick(self, fraction: float, variants: int) -> None:
        """Say how far we are, if the last word on it was a second ago."""
        if time.monotonic() - self._last >= _TICK_SECONDS:
            self._last = time.monotonic()
            self.say(Tick(fraction=fraction, variants=variants))


def main() -> int:
    """Do the task that comes on standard input; returns 0 once the last word was said."""
    try:
        task, connector = receive(ANY_TASK.validate_json)
    except EOFError:
        return 0  # it was a spare one
    root = Path(task.bundles) if task.bundles else bundles.EMBEDDED
    bundle = bundles.find(task.bundle, root)
    space = _ADDRESS_SPACE_BYTES + _MAPPINGS * bundle.reference.stat().st_size
    Limits(space, task.max_seconds, 2 * task.max_inflated_bytes).apply()
    voice = Voice()
    try:
        voice.say(Done(counts=_do(task, bundle, connector, voice)))
    except Rejected as rejected:
        voice.say(Refusal(code=rejected.code, message=rejected.message, line=rejected.line))
    except Unlike as error:
        voice.say(NotAsPlanned(message=str(error)))
    except (DatabaseUnusable, EngineMissing) as error:
        voice.say(Unusable(message=str(error)))
    return 0


def _do(
    task: Wishes, bundle: Bundle, connector: socket.socket | None, voice: Voice
) -> dict[str, int]:
    match task:
        case SplitTask():
            return cut(task, bundle, voice.tick)
        case PartTask():
            return annotate_part(task, _engine(task, bundle, connector), bundle, voice.tick)
        case JoinTask():
            return merge(task, bundle, voice.tick)
        case Task():
            return annotate(task, _engine(task, bundle, connector), bundle, voice.tick)
    raise TypeError(f"no task of this process: {task}")


def _engine(task: Wishes, bundle: Bundle, connector: socket.socket | None) -> Engine:
    if connector is None:
        return LocalEngine(bundle)
    return WarmEngine(connector, version_of(bundle), task.workers)
