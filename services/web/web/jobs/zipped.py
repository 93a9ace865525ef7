"""The results of several jobs as one ZIP file, written while they are read.

Nothing is compressed again: results are compressed already.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from gas.domain.job import Job, JobStatus
from gas.events import ResultKind
from gas.files.bucket import Files
from web.jobs.service import no_result, result_name
from web.zip_stream import ZipStream

_LEFT_OUT = "LEFT-OUT.txt"


def zipped(jobs: Sequence[Job], results: Files) -> Generator[bytes, None, None]:
    """The annotated VCFs in a ZIP file, piece by piece, each in memory for a moment.

    Jobs without a result now are named with the reason in ``LEFT-OUT.txt``.
    """
    archive = ZipStream()
    left_out: list[str] = []
    taken: set[str] = set()
    for job in jobs:
        file = job.result(ResultKind.VCF)
        if job.status is not JobStatus.COMPLETED or file is None:
            left_out.append(f"{job.input.filename} ({job.job_id}): {no_result(job).detail}\n")
            continue
        chunks, at = results.stream(file.key), job.completed_at or job.submitted_at
        yield from archive.add(_name(job, taken), chunks, at, is_packed=True)
    if left_out:
        text = "".join(left_out).encode()
        yield from archive.add(_LEFT_OUT, [text], jobs[0].submitted_at, is_packed=True)
    yield archive.end()


def _name(job: Job, taken: set[str]) -> str:
    """The result's name; with the job's id where another one has it."""
    name = result_name(job)
    if name.casefold() in taken:
        name = f"{job.job_id}-{name}"
    taken.add(name.casefold())
    return name
