"""One attempt at a job: append started, download, annotate, store, append completed, in this order.

Before, an input that users gave the address of is fetched (``input_fetch``).

The results are stored before ``job.completed`` is appended, so the projection never refers to a
file that does not exist. Two attempts may run at once (a lease expired while its holder was slow):
the first to append wins, and the other deletes its own files. Each attempt stores its files under
an id of its own, so that deleting them never touches the winner's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import structlog

from annotator import input_fetch, recognition
from annotator.bundle import Bundle
from annotator.consequences.bundled import version_of
from annotator.heartbeat import AttemptHeartbeat, Cancelled
from annotator.outcome import failing, reading_upload
from annotator.part_queue.begin import begin_in_parts, is_for_parts
from annotator.ports import Ports
from annotator.rejection import changed, damaged
from annotator.results import archive_after, complete, store
from annotator.runner import protocol
from annotator.runner.parent import Stopped
from gas.domain.errors import AlreadyFinished, Superseded
from gas.domain.job import Job
from gas.domain.job_rules import Complete, Start
from gas.events import Event
from gas.files.inputs import pin_of
from gas.messaging.delivery import Interrupted
from gas.observability import tracing
from gas.recovery import origin

logger = structlog.get_logger()


def run_attempt(job: Job, cause: Event, heartbeat: AttemptHeartbeat) -> None:
    """Annotate the job once and append how it ended. Raises Interrupted when the process stops.

    Any other exception means that the attempt failed on our side; the message is retried.
    """
    ports = heartbeat.ports
    try:
        with failing(job, cause, ports), ports.protect():
            job = input_fetch.fetched(job, cause, heartbeat)
            with ports.bundle_cache.using(_bundle_of(job, ports)) as bundle:
                started = ports.jobs.execute(
                    job.job_id, Start(version_of(bundle), bundle.version), known=job, cause=cause
                )
                _run(started, bundle, cause, heartbeat)
    except (AlreadyFinished, Superseded, Cancelled) as reason:
        logger.info("the job ended elsewhere", job_id=job.job_id, reason=str(reason))
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
    if job.split and job.bundle_version:
        return job.bundle_version  # that of its parts, some of which are done
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
    with reading_upload():
        yield from ports.inputs.stream(job.input.key, pin_of(job.input))


def _run(job: Job, bundle: Bundle, cause: Event, heartbeat: AttemptHeartbeat) -> None:
    ports = heartbeat.ports
    if is_for_parts(job, ports) and begin_in_parts(
        job, bundle, cause, heartbeat.splitting(job), ports
    ):
        return
    began = ports.now()
    with tempfile.TemporaryDirectory(prefix="gas-", dir=ports.settings.work_folder) as name:
        folder = Path(name)
        source = folder / "input"
        with tracing.span("download", bytes=job.input.size_bytes):
            _download(job, source, heartbeat)
        with tracing.span("annotate", bundle=bundle.version):
            counts = _annotate(job, bundle, source, heartbeat)
        with tracing.span("store results"):
            metadata = origin.metadata_of(cause)
            results = store(job, folder, metadata, heartbeat.beat, ports)
    seconds = (ports.now() - began).total_seconds()
    # Read again where the plan may have changed.
    account = ports.accounts.get(job.user_id) if heartbeat.is_long else heartbeat.account
    command = Complete(results, counts, seconds, archive_after(results, account, ports))
    complete(job, command, cause, ports)


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
    return ports.annotate(task, on_tick=heartbeat.annotating(job), should_stop=ports.is_stopping)
