"""What splitting, parts and joining work with, passed in so that tests can replace it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from annotator.bundle import Bundle
from gas.files.bucket import Files

Annotate = Callable[..., dict[str, int]]
"""The signature of ``annotator.runner.parent.annotate``: a task in, counts by name out."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """Buckets, the bundle, and the way to a process that is shut in.

    ``inputs`` has uploads, ``parts`` plans and what parts made, ``results`` what users get; they
    may be one bucket. ``run`` is ``runner.parent.annotate``; ``on_tick`` gets the fraction done and
    the records so far about once a second, and what it raises ends the work, as ``should_stop``
    does (``Stopped``). ``work_folder`` is where files are for a while.
    """

    inputs: Files
    parts: Files
    results: Files
    bundle: Bundle
    run: Annotate
    on_tick: Callable[[float, int], None]
    should_stop: Callable[[], bool]
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    work_folder: Path | None = None
    workers: int = 1
    max_seconds: int = 24 * 3600

    def still_there(self) -> None:
        """Say so while what was annotated is put together. Raises what ``on_tick`` raises."""
        self.on_tick(1.0, 0)

    def wishes(self, folder: Path, max_inflated_bytes: int) -> dict[str, Any]:
        """What all tasks of this place have in common (``protocol.Wishes``)."""
        return {
            "bundle": self.bundle.folder.name,
            "bundles": str(self.bundle.folder.parent),
            "folder": str(folder),
            "max_inflated_bytes": max_inflated_bytes,
            "max_seconds": self.max_seconds,
            "workers": self.workers,
        }
