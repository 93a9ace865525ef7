"""Does one task in this process and prints its CPU seconds and peak memory.

The task comes on standard input, as for ``annotator.child``, which tells nobody what it took.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from annotator.bundle import Bundle
from annotator.runner.job import annotate
from annotator.runner.local_engine import LocalEngine
from annotator.runner.protocol import Task
from annotator.scatter.annotating import annotate_part
from annotator.scatter.cutting import cut
from annotator.scatter.merging import merge
from annotator.scatter.tasks import ANY_TASK, JoinTask, PartTask, SplitTask
from bench.memory import peak_megabytes


def _silent(_: float, __: int) -> None:
    pass


def main() -> None:
    """Do the task."""
    task = ANY_TASK.validate_json(sys.stdin.buffer.read())
    bundle = Bundle(Path(task.bundles or "") / task.bundle)
    match task:
        case SplitTask():
            counts = cut(task, bundle, _silent)
        case PartTask():
            counts = annotate_part(task, LocalEngine(bundle), bundle, _silent)
        case JoinTask():
            counts = merge(task, bundle, _silent)
        case Task():
            counts = annotate(task, LocalEngine(bundle), bundle, _silent)
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    print(json.dumps({"counts": counts, "cpu": seconds, "megabytes": peak_megabytes()}))


if __name__ == "__main__":
    main()
