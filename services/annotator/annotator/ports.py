"""Everything that the annotator's handlers work with, passed in so that tests can replace it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from annotator.bundle_cache import BundleCache
from annotator.fair_scheduling import FairScheduler
from annotator.settings import AnnotatorSettings
from gas.domain.job_rules import ArchivePolicy
from gas.eventstore.repository import JobRepository
from gas.files.bucket import Files
from gas.tables.accounts import AccountTable
from gas.tables.jobs import JobTable
from gas.tables.progress import ProgressTable

Annotate = Callable[..., dict[str, int]]
"""The signature of ``annotator.runner.parent.annotate``: a task in, counts by name out."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What the annotator works with; ``annotate`` is ``runner.parent.annotate``.

    ``is_stopping`` returns True once a running annotation has to be interrupted; ``protect`` is a
    context in which the platform does not stop this process to scale in; ``archive_policy``
    says when a Free user's result is archived.
    """

    jobs: JobRepository
    job_table: JobTable
    accounts: AccountTable
    progress: ProgressTable
    inputs: Files
    results: Files
    annotate: Annotate
    scheduler: FairScheduler
    bundle_cache: BundleCache
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    is_stopping: Callable[[], bool]
    archive_policy: ArchivePolicy
    settings: AnnotatorSettings
    protect: Callable[[], AbstractContextManager[None]] = nullcontext
