"""A bucket in memory, and a place whose processes tell what they took."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from annotator.bundle import Bundle
from annotator.processes.pipes import EngineFailed
from annotator.runner.protocol import Wishes
from annotator.scatter.splitting import Asked
from annotator.scatter.workplace import Workplace
from gas.files.bucket import Pin
from gas.memory.files import MemoryFiles

MOST_BYTES = 1 << 40
_REQUESTS = ("put", "stream", "info", "keys", "assemble")


class CountingFiles(MemoryFiles):
    """A bucket that counts what is asked of it."""

    def __init__(self) -> None:
        super().__init__("bucket", lambda: datetime.now(UTC))
        self.requests: Counter[str] = Counter()

    def __getattribute__(self, name: str) -> Any:
        if name in _REQUESTS:
            self.requests[name] += 1
        return super().__getattribute__(name)


@dataclass
class Ran:
    """What processes took that did tasks: CPU seconds of each, most memory of one, in MB."""

    cpu: list[float] = field(default_factory=list)
    megabytes: float = 0.0

    def run(
        self,
        task: Wishes,
        on_tick: Callable[[float, int], None],
        should_stop: Callable[[], bool],
    ) -> dict[str, int]:
        """As ``runner.parent.annotate``, in a process that tells what it took."""
        del on_tick, should_stop
        module = [sys.executable, "-m", "bench.scatter.inside"]
        done = subprocess.run(
            module, input=task.model_dump_json().encode(), capture_output=True, check=False
        )
        if done.returncode:
            raise EngineFailed(done.stderr.decode()[-2000:])
        told = json.loads(done.stdout.splitlines()[-1])
        self.cpu.append(told["cpu"])
        self.megabytes = max(self.megabytes, told["megabytes"])
        counts: dict[str, int] = told["counts"]
        return counts


def workplace(bundle: Bundle, folder: Path, ran: Ran, files: CountingFiles) -> Workplace:
    """A place on a bucket in memory, whose processes are measured."""
    return Workplace(
        inputs=files,
        parts=files,
        results=files,
        bundle=bundle,
        run=ran.run,
        on_tick=lambda *_: None,
        should_stop=lambda: False,
        now=lambda: datetime.now(UTC),
        new_id=lambda: str(uuid4()),
        work_folder=folder,
    )


def asked_of(vcf: Path, files: CountingFiles) -> Asked:
    """The file as an upload."""
    files.put("upload", vcf, "application/gzip")
    info = files.info("upload")
    pin = Pin(info.etag.strip('"'), info.version_id)
    return Asked("upload", pin, info.size_bytes, vcf.name, 1, MOST_BYTES)
