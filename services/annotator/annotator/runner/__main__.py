"""The child: annotates one file within limits, and says so line by line.

Reads a Task from standard input. It may crash or be killed at any time; the parent alone decides
what becomes of the job.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from pathlib import Path

from annotator import bundle as bundles
from annotator.processes.pipes import Limits
from annotator.rejection import Rejected
from annotator.runner.job import annotate
from annotator.runner.local_engine import LocalEngine
from annotator.runner.protocol import Done, Refusal, Task, Tick

_ADDRESS_SPACE_BYTES = 8 << 30
_TICK_SECONDS = 1.0


class Voice:
    """Speaks to the parent, ticks at most once a second."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def say(self, word: Tick | Refusal | Done) -> None:
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
    Limits(_ADDRESS_SPACE_BYTES, task.max_seconds, 2 * task.max_inflated_bytes).apply()
    voice = Voice()
    root = Path(task.bundles) if task.bundles else bundles.EMBEDDED
    bundle = bundles.find(task.bundle, root)
    try:
        voice.say(Done(counts=annotate(task, LocalEngine(bundle), bundle, voice.tick)))
    except Rejected as rejected:
        voice.say(Refusal(code=rejected.code, message=rejected.message, line=rejected.line))
    return 0


if __name__ == "__main__":
    status = main()
    # The parent waits for the end, and to take down the interpreter is of use to nobody.
    os._exit(status)
