"""One attempt at a job. The order is: append started, download, annotate, store, append completed.

The results are stored before ``job.completed`` is appended, so the projection never refers to a
file that does not exist. Two attempts may run at once (a lease expired while its holder was slow):
the first to append wins, and the other deletes its own files. Each attempt stores its files under
an id of its own, so that deleting them never touches the winner's.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from annotator import recognition
from annotator.bundle import Bundle
from annotator.consequences.bundled import version_of
from annotator.consequences.engine import DatabaseUnusable, EngineMissing
from annotator.names import result_stem
from annotator.ports import Ports
from annotator.rejection import Rejected, changed, damaged
from annotator.runner import protocol
from annotator.runner.parent import Stopped
from gas.domain.account import Account
from gas.domain.errors import AlreadyFinished
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import Complete, Fail, Start
from gas.events import Event, FailureCode, Plan, ResultFile, ResultKind
from gas.files.bucket import FileChanged, NoSuchFile
from gas.files.inputs import pin_of
from gas.messaging.concurrency_leases import Lease
from gas.messaging.delivery import Interrupted
from gas.observability import tracing
from gas.recovery import origin

logger = structlog.get_logger()

# Kind, file name in the work folder, suffix of the stored name, content type.
_STORED = (
    (ResultKind.VCF, protocol.RESULT_VCF, ".annot.vcf.gz", "application/gzip"),
    (ResultKind.INDEX, protocol.RESULT_INDEX, ".annot.vcf.gz.csi", "application/octet-stream"),
    (ResultKind.TABLE, protocol.RESULT_TSV, ".annot.tsv.gz", "application/gzip"),
    (
        ResultKind.VARIANTS,
        protocol.RESULT_VARIANTS,
        ".variants.parquet",
        "application/vnd.apache.parquet",
    ),
    (ResultKind.LOG, protocol.RESULT_LOG, ".vcf.count.log", "text/plain; charset=utf-8"),
    (ResultKind.SUMMARY, protocol.RESULT_SUMMARY, ".summary.json", "application/json"),
    (
        ResultKind.PROVENANCE,
        protocol.RESULT_PROVENANCE,
        ".provenance.json",
        "application/json",
    ),
)
UNUSABLE = (
    "The reference bundle “{bundle}” cannot be used at the moment: the fault is ours, not your"
    " file's. Choose another bundle, or submit the job again later."
)


class Cancelled(Exception):
    """The user cancelled the job while it ran."""


class AttemptHeartbeat:
    """Keeps the lease of one attempt alive, however long the attempt takes.

    ``fraction``: how far it has come, 0 to 1; ``account``: the user's at its beginning.
    """

    def __init__(self, lease: Lease, account: Account | None, ports: Ports) -> None:
        self.ports = ports
        self.account = account
        self.fraction = 0.0
        self.began_at = self._renewed_at = ports.now()
        self._lease = lease

    @property
    def is_long(self) -> bool:
        """Whether the attempt takes long enough that its progress is recorded."""
        quiet = timedelta(seconds=self.ports.settings.quiet_seconds)
        return self.ports.now() - self.began_at >= quiet

    def beat(self) -> None:
        """Renew the lease once a third of it has passed. Raises Interrupted if it was lost.

        A third, so that a slow tick or a retried request does not lose the lease.
        """
        lease = timedelta(seconds=self.ports.scheduler.leases.lease_seconds)
        if self.ports.now() - self._renewed_at < lease / 3:
            return
        if not self.ports.scheduler.leases.renew(self._lease):
            raise Interrupted
        self._renewed_at = self.ports.now()


def run_attempt(job: Job, cause: Event, heartbeat: AttemptHeartbeat) -> None:
    """Annotate the job once and append how it ended. Raises Interrupted when the process stops.

    Any other exception means that the attempt failed on our side; the message is retried.
    """
    ports = heartbeat.ports
    try:
        with ports.protect(), ports.bundle_cache.using(_bundle_of(job, ports)) as bundle:
            started = ports.jobs.execute(
                job.job_id, Start(version_of(bundle), bundle.version), known=job, cause=cause
            )
            _run(started, bundle, cause, heartbeat)
    except (AlreadyFinished, Cancelled) as reason:
        logger.info("the job ended elsewhere", job_id=job.job_id, reason=str(reason))
    except Rejected as rejected:
        # The file is at fault: another attempt would end the same way.
        command = Fail(rejected.code, rejected.message, rejected.line)
        ports.jobs.execute(job.job_id, command, cause=cause)
        logger.info(
            "input rejected",
            job_id=job.job_id,
            code=command.code,
            metrics={"refused_jobs": 1, "failed_jobs": 1},
            metrics_by="code",
        )
    except (DatabaseUnusable, EngineMissing) as error:
        # Another attempt would end the same way, until the operator has mended the bundle.
        command = Fail(FailureCode.INTERNAL, UNUSABLE.format(bundle=job.bundle), None)
        ports.jobs.execute(job.job_id, command, cause=cause)
        logger.error(
            "a bundle cannot be used",
            job_id=job.job_id,
            code=command.code,
            reason=str(error),
            metrics={"failed_jobs": 1},
            metrics_by="code",
        )
    except Stopped:
        # No event and no mark: the message goes back, and this was no failed attempt.
        logger.info(
            "attempt interrupted, the process is stopping",
            job_id=job.job_id,
            fraction=heartbeat.fraction,
            seconds=(ports.now() - heartbeat.began_at).total_seconds(),
        )
        raise Interrupted from None


def _bundle_of(job: Job, ports: Ports) -> str:
    """The bundle that the user chose, or the one that the header's contigs match.

    Raises Rejected. Only the beginning of the upload is read: the header is there.
    """
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
        found = recognition.head_of(Path(head.name))
    # With its version: another one may be published before it is fetched.
    return recognition.recognise(found, ports.bundle_cache.all()).version


def _uploaded(job: Job, ports: Ports) -> Iterator[bytes]:
    """The upload in chunks, as it was submitted. Raises Rejected if that no longer exists."""
    try:
        yield from ports.inputs.stream(job.input.key, pin_of(job.input))
    except NoSuchFile:
        raise damaged("The upload is no longer there. Upload the file again.") from None
    except FileChanged:
        raise changed() from None


def _run(job: Job, bundle: Bundle, cause: Event, heartbeat: AttemptHeartbeat) -> None:
    ports = heartbeat.ports
    began = ports.now()
    with tempfile.TemporaryDirectory(prefix="gas-", dir=ports.settings.work_folder) as name:
        folder = Path(name)
        source = folder / "input"
        with tracing.span("download", bytes=job.input.size_bytes):
            _download(job, source, heartbeat)
        with tracing.span("annotate", bundle=bundle.version):
            counts = _annotate(job, bundle, source, heartbeat)
        with tracing.span("store results"):
            results = _store(job, folder, cause, heartbeat)
    seconds = (ports.now() - began).total_seconds()
    command = Complete(results, counts, seconds, _archive_after(job, results, heartbeat))
    _complete(job, command, cause, ports)


def _download(job: Job, to: Path, heartbeat: AttemptHeartbeat) -> None:
    size_bytes = 0
    with to.open("wb") as file:
        for chunk in _uploaded(job, heartbeat.ports):
            size_bytes += file.write(chunk)
            heartbeat.beat()
    if size_bytes != job.input.size_bytes:
        raise changed()


def _annotate(
    job: Job, bundle: Bundle, source: Path, heartbeat: AttemptHeartbeat
) -> dict[str, int]:
    ports = heartbeat.ports

    def on_tick(fraction: float, variants: int) -> None:
        heartbeat.fraction = fraction
        heartbeat.beat()
        if not heartbeat.is_long:
            return
        ports.progress.record(job.job_id, fraction, variants, job.attempt)
        # A read of the row, not of the stream: it is cheap enough for every tick.
        current = ports.job_table.get(job.user_id, job.job_id)
        if current and current.status is JobStatus.CANCELLED:
            raise Cancelled("cancelled by the user")

    task = protocol.Task(
        input=str(source),
        filename=job.input.filename,
        bundle=bundle.folder.name,
        bundles=str(bundle.folder.parent),
        split_multiallelics=job.split_multiallelics,
        folder=str(source.parent),
        max_inflated_bytes=ports.settings.max_inflated_bytes,
        max_seconds=ports.settings.seconds_for(job.input.size_bytes),
        workers=ports.settings.cores,
    )
    return ports.annotate(task, on_tick=on_tick, should_stop=ports.is_stopping)


def _store(
    job: Job, folder: Path, cause: Event, heartbeat: AttemptHeartbeat
) -> tuple[ResultFile, ...]:
    ports = heartbeat.ports
    metadata = origin.metadata_of(cause)
    stem = result_stem(job.input.filename)
    attempt_id = ports.new_id()
    results: list[ResultFile] = []
    try:
        for kind, name, suffix, content_type in _STORED:
            path = folder / name
            key = f"{job.user_id}/{job.job_id}/{attempt_id}/{stem}{suffix}"
            ports.results.put(key, path, content_type, metadata)
            results.append(
                ResultFile(kind=kind, key=key, size_bytes=path.stat().st_size, sha256=_sha256(path))
            )
            heartbeat.beat()
    except Interrupted:
        # No event will name these files: without this only the daily reconciliation finds them.
        ports.results.delete(file.key for file in results)
        raise
    return tuple(results)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _complete(job: Job, command: Complete, cause: Event, ports: Ports) -> None:
    results, counts, seconds = command.results, command.counts, command.seconds
    try:
        done = ports.jobs.execute(job.job_id, command, known=job, cause=cause)
    except AlreadyFinished:
        # It was cancelled or failed meanwhile: no event names our files.
        ports.results.delete(file.key for file in results)
        raise
    if done.results != results:
        # Another attempt completed the job first: its files are the job's, ours are not.
        ports.results.delete(file.key for file in results)
        return
    records = counts.get("records", 0)
    metrics = {"annotation_seconds": seconds, "variants": records}
    if seconds:  # a coarse clock can measure 0
        metrics["variants_per_second"] = records / seconds
    logger.info("completed", job_id=job.job_id, **counts, metrics=metrics)
    ports.scheduler.record_pace(job, seconds)


def _archive_after(
    job: Job, results: Iterable[ResultFile], heartbeat: AttemptHeartbeat
) -> datetime | None:
    ports = heartbeat.ports
    # Read again where the plan may have changed.
    account = ports.accounts.get(job.user_id) if heartbeat.is_long else heartbeat.account
    on_free = account is not None and account.plan is Plan.FREE
    result = next(file for file in results if file.kind is ResultKind.VCF)
    moves = on_free and ports.archive_policy.is_archived(result)
    return ports.now() + ports.archive_policy.grace if moves else None
