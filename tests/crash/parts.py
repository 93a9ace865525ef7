"""The stories of files in parts: the emulator's Step Functions spread them, by our own template."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from annotator.scatter.tasks import PartTask
from gas.domain.job import JobStatus
from gas.events import JobCompleted, JobSplit
from gas.files import s3_assembly
from gas.messaging.executions import execution_name
from tests.crash.clock import pause
from tests.crash.engine_in_parts import OnTick, engine_in_parts
from tests.crash.installation import GRACE_SECONDS
from tests.crash.stories import CONTENT, Story, expect

_WHOLE_BYTES = 16
"""The joined VCF is larger, so that S3 makes it of parts, and the other results are not."""
_PART_SECONDS = 61
"""Longer than what a part may be silent for, and than a third of its lease."""
_MOMENTS = 100


def in_parts(story: Story) -> None:
    """A file is split, annotated in parts, joined and archived."""
    installation = story.installation

    def engine(task: Any, on_tick: OnTick, **more: Any) -> dict[str, int]:
        def later(fraction: float, records: int) -> None:
            installation.clock.ahead += timedelta(seconds=_PART_SECONDS)
            try:
                on_tick(fraction, records)
            finally:
                # Time must pass for all processes alike, and one that dies takes its clock along.
                installation.clock.ahead -= timedelta(seconds=_PART_SECONDS)

        return engine_in_parts(task, later, **more)

    story.submit()
    with (
        patch.object(s3_assembly, "WHOLE_BYTES", _WHOLE_BYTES),
        installation.annotating_with(engine, split_bytes=1, quiet_seconds=10),
    ):
        installation.processes.count_from_here()
        story.until(JobStatus.COMPLETED, JobStatus.ARCHIVED)
        installation.processes.stop_counting()
        _check_progress(story)
        # Otherwise the message of its completion would wait in the queue during the next story.
        installation.pass_time(GRACE_SECONDS + 1)
        story.until(JobStatus.ARCHIVED)
    _check_nothing_goes_on(story)


def cancelled_in_parts(story: Story) -> None:
    """The user cancels the job while the second of its parts is annotated."""
    installation = story.installation

    def engine(task: Any, on_tick: OnTick, **more: Any) -> dict[str, int]:
        if isinstance(task, PartTask) and task.part.number == 1:
            story.post(f"/jobs/{story.job_id}/cancel")
        return engine_in_parts(task, on_tick, **more)

    story.submit()
    with installation.annotating_with(engine, split_bytes=1, quiet_seconds=0):
        installation.processes.count_from_here()
        story.until(JobStatus.CANCELLED)
        installation.processes.stop_counting()
        installation.pass_time(GRACE_SECONDS + 1)
        story.until(JobStatus.CANCELLED)  # what a dead process held a lease for is refused now
    _check_nothing_goes_on(story)


def _check_progress(story: Story) -> None:
    """Check that each part was counted, and once."""
    _, shown = story.installation.request(story.user_id, "GET", f"/jobs/{story.job_id}")
    progress = story.installation.annotator_ports.progress.get(story.job_id)
    parts = len(CONTENT.splitlines())
    counted = progress.variants if progress else 0
    expect(counted == parts, f"{counted} of {parts} parts are counted: {shown}")


def _check_nothing_goes_on(story: Story) -> None:
    """Check that no execution waits for anything, and where nothing died that no part is left."""
    installation = story.installation
    events = installation.web_ports.jobs.log.read(f"job/{story.job_id}")
    splits = [event for event in events if isinstance(event.data, JobSplit)]
    expect(splits, "the file was not cut into parts")
    for event in splits:
        name = execution_name(story.job_id, event.streamversion)
        for _ in range(_MOMENTS):  # it ends in a thread of the emulator
            if not installation.executions.is_running(name):
                break
            pause()
        expect(not installation.executions.is_running(name), f"the execution {name} goes on")
    completed = [event for event in events if isinstance(event.data, JobCompleted)]
    expect(len(completed) <= 1, "the job was completed twice")
    if not installation.injector.counters.is_injected:
        left = installation.keys("parts", story.user_id)
        expect(not left, f"nothing died, and of the parts there are left {left}")
