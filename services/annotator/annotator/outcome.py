"""What becomes of a job whose file or bundle cannot be annotated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from annotator.consequences.engine import DatabaseUnusable, EngineMissing
from annotator.ports import Ports
from annotator.rejection import Rejected, changed, damaged
from gas.domain.job import Job
from gas.domain.job_rules import Fail
from gas.events import Event, FailureCode
from gas.files.bucket import FileChanged, NoSuchFile
from gas.files.inputs import pin_of

logger = structlog.get_logger()

UNUSABLE = (
    "The reference bundle “{bundle}” cannot be used at the moment: the fault is ours, not your"
    " file's. Choose another bundle, or submit the job again later."
)


@contextmanager
def failing(job: Job, cause: Event, ports: Ports) -> Iterator[None]:
    """Append ``job.failed`` where the block finds the file or the bundle at fault.

    Another attempt would end the same way. Raises AlreadyFinished if the job has ended otherwise.
    """
    try:
        yield
    except Rejected as rejected:
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
        # Until the operator has mended the bundle.
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


@contextmanager
def reading_upload() -> Iterator[None]:
    """Raises Rejected where the block does not find the upload as it was submitted."""
    try:
        yield
    except NoSuchFile:
        raise damaged("The upload is no longer there. Upload the file again.") from None
    except FileChanged:
        raise changed() from None


@contextmanager
def working_on(job: Job, ports: Ports) -> Iterator[None]:
    """The same for a block that reads other files too: whose lack is our fault, not the user's."""
    try:
        yield
    except (NoSuchFile, FileChanged):
        with reading_upload():
            ports.inputs.info(job.input.key, pin_of(job.input))
        raise
