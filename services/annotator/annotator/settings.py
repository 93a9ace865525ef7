"""The annotator's settings."""

import os
from pathlib import Path

from pydantic import Field

from annotator.bundle import EMBEDDED
from annotator.fetching.reading import Rules
from gas.settings import WorkerSettings


class AnnotatorSettings(WorkerSettings):
    """Limits of one annotation, where its files are stored meanwhile, and how many run at once.

    - ``concurrency``, ``large_concurrency``: small and large jobs at once in one process
    - ``free_running``, ``premium_running``: jobs of one user at once, over all processes
    - ``cores``: parts of one large file that are annotated at once
    - ``bundle_folder``: the installed bundles; ``bundle_bucket``: a bucket with more of them, of
      which up to ``bundle_cache_bytes`` are kept in the work folder
    - ``work_folder``: for uploads and results of running jobs; None is the system's temporary
      folder
    - ``warm_engines``: consequence engines that are kept loaded, one for each bundle in use lately;
      with 0 each job loads its own. Together they have at most ``warm_engine_bytes`` of memory; the
      least recently used one ends
    - ``warm_engine_seconds``: the time limit of one request to them, and 2 ms more for each allele
    - ``spare_processes``: processes that are started before a job comes; each has 80 MB
    - ``quiet_seconds``: an attempt that ends sooner records no progress, and sees a cancellation
      only at its end
    - ``split_bytes``: uploads of that size and more are cut into parts of about ``part_bytes``,
      which all tasks annotate; 0 cuts none
    - ``free_parts``, ``premium_parts``: parts of one user that are annotated at once, over all
      processes; ``part_concurrency``: in one process
    - ``fetch_seconds``: the longest time that fetching an input from its address may take;
      ``fetch_pause_seconds`` pass before a second try, twice as many before the third
    - ``max_inflated_bytes``: the largest input after decompression
    - ``max_annotation_seconds``: the longest time that one annotation may take
    """

    # A job takes a core or more, unlike the messages of other workers.
    concurrency: int = Field(4, ge=1, le=64)
    gather_seconds: float = Field(0.05, ge=0, le=5)
    large_concurrency: int = Field(1, ge=1, le=64)
    free_running: int = Field(2, ge=1)
    premium_running: int = Field(8, ge=1)
    cores: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    bundle_folder: Path = EMBEDDED
    bundle_bucket: str | None = None
    bundle_cache_bytes: int = Field(20 << 30, ge=1)
    work_folder: Path | None = None
    warm_engines: int = Field(2, ge=0, le=64)
    warm_engine_bytes: int = Field(2 << 30, ge=1)
    warm_engine_seconds: float = Field(10, ge=0.1)
    spare_processes: int = Field(1, ge=0, le=16)
    quiet_seconds: float = Field(10, ge=0)
    split_bytes: int = Field(0, ge=0)
    part_bytes: int = Field(64 << 20, ge=1 << 16)
    free_parts: int = Field(8, ge=1, le=900)
    premium_parts: int = Field(200, ge=1, le=900)
    part_concurrency: int = Field(1, ge=1, le=64)
    fetch_seconds: float = Field(3600, ge=1)
    fetch_pause_seconds: float = Field(3, ge=0, le=60)
    max_inflated_bytes: int = Field(64 << 30, ge=1 << 20)
    max_annotation_seconds: int = Field(6 * 3600, ge=10)

    @property
    def fetch_rules(self) -> Rules:
        """How inputs are fetched from their addresses."""
        return Rules(self.fetch_seconds, ports=self.fetch_ports, allows_private=self.fetch_private)

    def seconds_for(self, size_bytes: int) -> int:
        """How many seconds the annotation of an upload of that size may take at most.

        Ten minutes and a second for each 50 kB: many times what it needs.
        """
        return min(self.max_annotation_seconds, 600 + size_bytes // 50_000)
