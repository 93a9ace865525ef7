"""Engines that take no time: what the real one does has tests of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from annotator.runner.protocol import RESULT_SUMMARY, RESULT_VCF, RESULTS, Task


def engine_of_large_results(task: Task, **more: Any) -> dict[str, int]:
    """An engine whose annotated VCF is copied in three parts; the other files are small."""
    counts = engine(task, **more)
    content = bytes(range(256)) * (12 << 12)  # 12 MiB
    (Path(task.folder) / RESULT_VCF).write_bytes(content)
    return counts


def engine(task: Task, **_: Any) -> dict[str, int]:
    """An engine that takes no time: failures of the real one have tests of their own."""
    content = Path(task.input).read_bytes()
    for name in RESULTS:
        (Path(task.folder) / name).write_bytes(b"{}" if name == RESULT_SUMMARY else content)
    return {"records": 1}
