"""Annotate what was submitted, in its turn: append started, annotate, store, append completed.

Two deliveries may both annotate; the first to append wins and the other removes its own files.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from annotator import recognition
from annotator.bundle import Bundle
from annotator.bundle_cache import BundleCache
from annotator.checksums import sha256
from annotator.consequences.bundled import version_of
from annotator.fair_scheduling import FairScheduler
from annotator.rejection import Rejected, damaged
from annotator.runner import protocol
from annotator.runner.parent import Stopped
from annotator.settings import AnnotatorSettings
from gas.domain.errors import AlreadyFinished
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import GIVEN_UP, Complete, Fail, Start
from gas.events import (
    CATALOGUE,
    Event,
    FailureCode,
    JobSubmitted,
    Plan,
    ResultFile,
    ResultKind,
    UnknownEventType,
)
from gas.eventstore.repository import JobRepository
from gas.files.bucket import Files, NoSuchFile
from gas.messaging.concurrency_leases import Lease
from gas.messaging.delivery import Interrupted
from gas.observability import tracing
from gas.tables.accounts import AccountTable
from gas.tables.jobs import JobTable
from gas.tables.progress import ProgressTable

logger = structlog.get_logger()

Annotate = Callable[..., dict[str, int]]

_STORED = (
    (ResultKind.VCF, protocol.RESULT_VCF, ".annot.vcf.gz", "application/gzip"),
    (ResultKind.INDEX, protocol.RESULT_INDEX, ".annot.vcf.gz.tbi", "application/octet-stream"),
    (ResultKind.TABLE, protocol.RESULT_TSV, ".annot.tsv.gz", "application/gzip"),
    (ResultKind.LOG, protocol.RESULT_LOG, ".vcf.count.log", "text/plain; charset=utf-8"),
    (ResultKind.SUMMARY, protocol.RESULT_SUMMARY, ".summary.json", "application/json"),
    (
        ResultKind.PROVENANCE,
        protocol.RESULT_PROVENANCE,
        ".provenance.json",
        "application/json",
    ),
)


class Cancelled(Exception):
    """The user called the job off while it ran."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What the annotator works with; ``annotate`` is ``engine.runner.annotate``.

    ``protect`` keeps the process from being ended for want of work elsewhere.
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
    grace: timedelta
    settings: AnnotatorSettings
    protect: Callable[[], AbstractContextManager[None]] = nullcontext


class AttemptHeartbeat:
    """Keeps an attempt's slot, however long the attempt takes."""

    def __init__(self, lease: Lease, ports: Ports) -> None:
        self.ports = ports
        self._lease = lease
        self._renewed_at = ports.now()

    def beat(self) -> None:
        """Renew the slot when a third of its lease has passed. Raises Interrupted if it is lost."""
        lease = timedelta(seconds=self.ports.scheduler.leases.lease_seconds)
        if self.ports.now() - self._renewed_at < lease / 3:
            return
        if not self.ports.scheduler.leases.renew(self._lease):
            raise Interrupted
        self._renewed_at = self.ports.now()


def handle(event: Event, ports: Ports) -> None:
    """Annotate the submitted job, unless it has ended.

    Raises Later when it is not its turn, Interrupted when stopping.
    """
    if not isinstance(event.data, JobSubmitted):
        return
    job = ports.jobs.load(event.data.job_id)
    if job is None or not job.is_unfinished:
        return
    lease = ports.scheduler.acquire(job)
    try:
        _attempt(job, event, AttemptHeartbeat(lease, ports))
    finally:
        ports.scheduler.release(lease, job)


def _attempt(job: Job, event: Event, heartbeat: AttemptHeartbeat) -> None:
    ports = heartbeat.ports
    try:
        with ports.protect(), ports.bundle_cache.using(_bundle_of(job, ports)) as bundle:
            started = ports.jobs.execute(
                job.job_id, Start(version_of(bundle), bundle.version), known=job, cause=event
            )
            _run(started, bundle, event, heartbeat)
    except (AlreadyFinished, Cancelled) as reason:
        logger.info("ended by another", job_id=job.job_id, reason=str(reason))
    except Rejected as rejected:
        command = Fail(rejected.code, rejected.message, rejected.line)
        ports.jobs.execute(job.job_id, command, cause=event)
        logger.info("refused", job_id=job.job_id, code=command.code, metrics={"refused_jobs": 1})
    except Stopped:
        raise Interrupted from None


def _bundle_of(job: Job, ports: Ports) -> str:
    """The bundle that the user chose, or the one that the header asks for. Raises Rejected."""
    if job.bundle != recognition.AUTO:
        return job.bundle
    with tempfile.NamedTemporaryFile(dir=ports.settings.work_folder) as head:
        size = 0
        for chunk in _uploaded(job, ports):
            head.write(chunk)
            size += len(chunk)
            if size >= recognition.HEAD_BYTES:
                break
        head.flush()
        if not size:
            raise damaged("The file is empty. Upload a VCF file with at least its header.")
        contigs = recognition.contigs_of(Path(head.name))
    return recognition.recognise(contigs, ports.bundle_cache.all()).manifest.name


def _uploaded(job: Job, ports: Ports) -> Iterator[bytes]:
    """The upload in chunks. Raises Rejected if it is gone."""
    try:
        yield from ports.inputs.stream(job.input.key)
    except NoSuchFile:
        raise damaged("The upload is no longer there. Upload the file again.") from None


def give_up(body: str, reason: str, ports: Ports) -> None:
    """Tell the user that attempts ran out, so that nobody waits for a job that will not come."""
    try:
        event = CATALOGUE.parse(body)
    except UnknownEventType as unknown:
        logger.error("nobody can be told of an event that is unknown here", type=str(unknown))
        return
    if not isinstance(event.data, JobSubmitted):
        return
    logger.error("giving a job up", job_id=event.data.job_id, reason=reason)
    try:
        ports.jobs.execute(event.data.job_id, Fail(FailureCode.INTERNAL, GIVEN_UP), cause=event)
    except AlreadyFinished as finished:
        logger.info("it had ended", reason=str(finished))


def _run(job: Job, bundle: Bundle, cause: Event, heartbeat: AttemptHeartbeat) -> None:
    ports = heartbeat.ports
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gas-", dir=ports.settings.work_folder) as name:
        folder = Path(name)
        source = folder / "input"
        with tracing.span("download", bytes=job.input.size_bytes):
            _download(job, source, heartbeat)
        with tracing.span("annotate", bundle=bundle.manifest.name):
            counts = _annotate(job, bundle, source, heartbeat)
        with tracing.span("store results"):
            results = _store(job, folder, heartbeat)
    seconds = time.monotonic() - began
    try:
        done = ports.jobs.execute(
            job.job_id,
            Complete(results, counts, seconds, _archive_after(job, ports)),
            known=job,
            cause=cause,
        )
    except AlreadyFinished:
        ports.results.delete(file.key for file in results)
        raise
    if done.results != results:
        ports.results.delete(file.key for file in results)
        return
    records = counts.get("records", 0)
    measured = {"annotation_seconds": seconds, "variants": records}
    if seconds:
        measured["variants_per_second"] = records / seconds
    logger.info("completed", job_id=job.job_id, **counts, metrics=measured)
    ports.scheduler.record_pace(job, seconds)


def _download(job: Job, to: Path, heartbeat: AttemptHeartbeat) -> None:
    with to.open("wb") as file:
        for chunk in _uploaded(job, heartbeat.ports):
            file.write(chunk)
            heartbeat.beat()


def _annotate(
    job: Job, bundle: Bundle, source: Path, heartbeat: AttemptHeartbeat
) -> dict[str, int]:
    ports = heartbeat.ports

    def on_tick(fraction: float, variants: int) -> None:
        heartbeat.beat()
        ports.progress.record(job.job_id, fraction, variants, job.attempt)
        shown = ports.job_table.get(job.user_id, job.job_id)
        if shown and shown.status is JobStatus.CANCELLED:
            raise Cancelled("cancelled by the user")

    task = protocol.Task(
        input=str(source),
        filename=job.input.filename,
        bundle=bundle.manifest.name,
        bundles=str(bundle.folder.parent),
        split_multiallelics=job.split_multiallelics,
        folder=str(source.parent),
        max_inflated_bytes=ports.settings.max_inflated_bytes,
        max_seconds=ports.settings.seconds_for(job.input.size_bytes),
        workers=ports.settings.cores,
    )
    return ports.annotate(task, on_tick=on_tick, should_stop=ports.is_stopping)


def _store(job: Job, folder: Path, heartbeat: AttemptHeartbeat) -> tuple[ResultFile, ...]:
    ports = heartbeat.ports
    stem = result_stem(job.input.filename)
    attempt = ports.new_id()
    results: list[ResultFile] = []
    try:
        for kind, name, suffix, content_type in _STORED:
            path = folder / name
            key = f"{job.user_id}/{job.job_id}/{attempt}/{stem}{suffix}"
            ports.results.put(key, path, content_type)
            results.append(
                ResultFile(kind=kind, key=key, size_bytes=path.stat().st_size, sha256=sha256(path))
            )
            heartbeat.beat()
    except Interrupted:
        ports.results.delete(file.key for file in results)
        raise
    return tuple(results)


def result_stem(filename: str) -> str:
    """The user's file name without its VCF suffixes, fit to be part of a key."""
    stem = re.sub(r"(\.vcf)?(\.b?gz)?$", "", filename, flags=re.IGNORECASE)
    return re.sub(r"[^A-Za-z0-9._-]+", "_", stem).strip("._")[:100] or "variants"


def _archive_after(job: Job, ports: Ports) -> datetime | None:
    account = ports.accounts.get(job.user_id)
    on_free = account is not None and account.plan is Plan.FREE
    return ports.now() + ports.grace if on_free else None
