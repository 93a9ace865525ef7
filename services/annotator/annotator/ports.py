"""Everything that the annotator's handlers work with, passed in so that tests can replace it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from annotator.bundle_cache import BundleCache
from annotator.fair_scheduling import FairScheduler
from annotator.fetching.reading import Fetcher, Rules, Told
from annotator.part_scheduling import PartScheduler
from annotator.scatter.steps import Steps
from annotator.scatter.workplace import Annotate
from annotator.settings import AnnotatorSettings
from gas.domain.job_rules import ArchivePolicy
from gas.domain.source_url import SourceUrl
from gas.eventstore.repository import JobRepository
from gas.files.bucket import Files
from gas.messaging.executions import Executions
from gas.tables.accounts import AccountTable
from gas.tables.jobs import JobTable
from gas.tables.progress import ProgressTable
from gas.tables.uploads import UploadTable


class InputFetcher(Protocol):
    """Fetches inputs from addresses, as ``annotator.fetching.reading.Fetcher`` does."""

    @property
    def rules(self) -> Rules:
        """The bounds of what is fetched, and from where."""

    def fetch(self, url: SourceUrl, to: Path, most_bytes: int, told: Told) -> None:
        """Write the file at ``url`` into ``to``. Raises FetchFailed, or what ``told`` raises."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What the annotator works with; ``annotate`` is ``runner.parent.annotate``.

    ``is_stopping`` returns True once a running annotation has to be interrupted; ``protect`` is a
    context in which the platform does not stop this process to scale in; ``archive_policy``
    says when a Free user's result is archived. ``parts`` is the bucket of plans and parts,
    ``executions`` spreads them, ``part_scheduler`` limits how many of a user's run
    at once, and ``steps`` are what is done with them; ``fetcher`` fetches inputs from their
    addresses.
    """

    jobs: JobRepository
    job_table: JobTable
    accounts: AccountTable
    progress: ProgressTable
    uploads: UploadTable
    inputs: Files
    results: Files
    parts: Files
    annotate: Annotate
    scheduler: FairScheduler
    part_scheduler: PartScheduler
    executions: Executions
    bundle_cache: BundleCache
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    is_stopping: Callable[[], bool]
    archive_policy: ArchivePolicy
    settings: AnnotatorSettings
    fetcher: InputFetcher = field(default_factory=Fetcher)
    protect: Callable[[], AbstractContextManager[None]] = nullcontext
    steps: Steps = field(default_factory=Steps)
