"""A bucket in memory, and a place that works on it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from annotator.bundle import Bundle
from annotator.scatter.splitting import Asked
from annotator.scatter.workplace import Annotate, Workplace
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


def workplace(bundle: Bundle, folder: Path, run: Annotate, files: CountingFiles) -> Workplace:
    """A place on a bucket in memory; ``run`` has tasks done."""
    return Workplace(
        inputs=files,
        parts=files,
        results=files,
        bundle=bundle,
        run=run,
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
