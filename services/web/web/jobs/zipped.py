"""The results of several jobs as one ZIP file, written while they are read.

Nothing is compressed again: results are compressed already.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Generator, Sequence

from gas.domain.job import Job, JobStatus
from gas.events import ResultKind
from gas.files.bucket import Files
from web.jobs.service import no_result, result_name

_EPOCH = 1980  # the first year that ZIP knows
_LEFT_OUT = "LEFT-OUT.txt"


class _Sink(io.RawIOBase):
    """Takes what ``zipfile`` writes, until it is fetched. It cannot seek, so nothing is kept."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def taken(self) -> bytes:
        """What was written since the last call."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def zipped(jobs: Sequence[Job], results: Files) -> Generator[bytes, None, None]:
    """The annotated VCFs in a ZIP file, piece by piece, each in memory for a moment.

    Jobs without a result now are named with the reason in ``LEFT-OUT.txt``.
    """
    sink = _Sink()
    left_out: list[str] = []
    taken: set[str] = set()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for job in jobs:
            file = job.result(ResultKind.VCF)
            if job.status is not JobStatus.COMPLETED or file is None:
                left_out.append(f"{job.input.filename} ({job.job_id}): {no_result(job).detail}\n")
                continue
            entry = zipfile.ZipInfo(_name(job, taken), _moment(job))
            with archive.open(entry, "w", force_zip64=True) as target:
                for chunk in results.stream(file.key):
                    target.write(chunk)
                    yield sink.taken()
        if left_out:
            archive.writestr(_LEFT_OUT, "".join(left_out))
    yield sink.taken()


def _name(job: Job, taken: set[str]) -> str:
    """The result's name; with the job's id where another one has it."""
    name = result_name(job)
    if name.casefold() in taken:
        name = f"{job.job_id}-{name}"
    taken.add(name.casefold())
    return name


def _moment(job: Job) -> tuple[int, int, int, int, int, int]:
    time = job.completed_at or job.submitted_at
    return (max(time.year, _EPOCH), time.month, time.day, time.hour, time.minute, time.second)
