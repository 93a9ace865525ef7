"""Jobs that the log has lost are submitted again: same id, same input, same wishes.

Their first event comes from the metadata of their results, or from the message that never arrived.
"""

from __future__ import annotations

from collections.abc import Iterator

from gas.events import CATALOGUE, Event, InvalidEvent, JobSubmitted, UnknownEventType
from gas.eventstore.log import Conflict
from gas.eventstore.publisher import publish_committed
from gas.eventstore.repository import JOB, WriteContext
from gas.files.bucket import FileChanged, NoSuchFile
from gas.files.inputs import pin_of
from gas.recovery.origin import submitted_in
from gas.recovery.periods import LostPeriod
from gas.recovery.ports import Ports
from gas.tables.uploads import Upload, UploadTable


def submit_lost_again(period: LostPeriod, ports: Ports) -> Iterator[Event]:
    """Submit again each job of the period that has results, an input, and no events.

    The annotator then makes its results anew; those that are there stay in quarantine.
    """
    for file in ports.results.stored_before(period.ends):
        parts = file.key.split("/")
        if not period.concerns(file.stored_at) or len(parts) < 2 or ports.load(parts[1]):
            continue
        submitted = submitted_in(ports.results.info(file.key).metadata)
        if submitted is None or not _has_input(submitted, ports):
            continue
        if submit_again(submitted, ports.write_context, ports.uploads):
            yield submitted


def submit_again(submitted: Event, context: WriteContext, uploads: UploadTable) -> bool:
    """Append a job's first event as it was, and publish it; False if the log has that job."""
    body = submitted.data
    if not isinstance(body, JobSubmitted):
        return False
    job = JOB.fold([submitted])
    assert job is not None, "a fold of one event is a state"
    # The upload first: reconciliation would delete the input of an upload that has no job.
    file = body.input
    upload_id = file.key.rpartition("/")[2]
    uploads.put(
        Upload(
            upload_id, body.user_id, file.key, file.filename, file.size_bytes, job_id=body.job_id
        )
    )
    try:
        context.log.append([submitted], JOB.row(job))
    except Conflict:
        return False
    publish_committed(context.log, context.bus, submitted)
    return True


def submit_dead_letter_again(body: str, context: WriteContext, uploads: UploadTable) -> bool:
    """Submit again the job of a ``job.submitted`` message, if the log has lost it.

    Such messages become dead letters. False for any other message.
    """
    try:
        event = CATALOGUE.parse(body)
    except (InvalidEvent, UnknownEventType):
        return False
    return not context.log.stored(event.subject) and submit_again(event, context, uploads)


def _has_input(submitted: Event, ports: Ports) -> bool:
    body = submitted.data
    assert isinstance(body, JobSubmitted)
    try:
        ports.inputs.info(body.input.key, pin_of(body.input))
    except (NoSuchFile, FileChanged):
        return False
    return True
