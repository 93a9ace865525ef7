"""The annotator's settings."""

import os
from pathlib import Path

from pydantic import Field

from annotator.bundle import EMBEDDED
from gas.settings import WorkerSettings


class AnnotatorSettings(WorkerSettings):
    """Limits of one annotation, where its files lie meanwhile, and how many run at once.

    ``concurrency`` is for small files, ``large_concurrency`` for large ones, of one process;
    ``cores`` are how many parts of one large file are annotated at once;
    ``bundle_folder`` holds the installed bundles, ``bundle_bucket`` more of them, of which so many
    bytes are kept in the work folder;
    ``free_running`` and ``premium_running`` for the jobs of one user, over all processes.
    """

    large_concurrency: int = Field(1, ge=1, le=64)
    free_running: int = Field(2, ge=1)
    premium_running: int = Field(8, ge=1)
    cores: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    bundle_folder: Path = EMBEDDED
    bundle_bucket: str | None = None
    bundle_cache_bytes: int = Field(20 << 30, ge=1)
    work_folder: Path | None = None
    max_inflated_bytes: int = Field(64 << 30, ge=1 << 20)
    max_annotation_seconds: int = Field(6 * 3600, ge=10)

    def seconds_for(self, size_bytes: int) -> int:
        """How long annotating an upload of that size may take: many times what it needs."""
        return min(self.max_annotation_seconds, 600 + size_bytes // 50_000)
