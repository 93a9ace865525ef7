"""A world whose annotator cuts files into their lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from annotator.handler import handle
from annotator.part_queue.handler import handle_message
from annotator.ports import Ports
from annotator.settings import AnnotatorSettings
from gas.domain.job import Job, JobStatus
from gas.events import Event
from gas.messaging.executions import execution_name
from tests.support.annotator_ports import ports_of
from tests.support.lines_in_parts import LinesInParts, result_of
from tests.support.world import World, warm_vcf

TEXT = b"one\ntwo\nthree\n"


class Parts:
    """A world where files of five bytes and more are cut into their lines."""

    def __init__(self) -> None:
        self.world = World()
        self.lines = LinesInParts()
        self.ports: Ports = replace(
            ports_of(self.world),
            steps=self.lines.steps,
            settings=AnnotatorSettings(quiet_seconds=0, split_bytes=5),
        )
        self.submitted: Event

    def begin(self, text: bytes = TEXT) -> Job:
        job = self.world.submit(self.world.register(), text)
        self.submitted = self.world.last_event()
        handle(self.submitted, self.ports)
        return self.world.job(job.job_id)

    def messages(self) -> list[str]:
        """The bodies that wait, which are taken."""
        found = self.world.part_queue.receive(100, 0, 60)
        for message in found:
            self.world.part_queue.delete(message)
        return [message.body for message in found]

    def work(self, change: Callable[[list[str]], list[str]] = list) -> None:
        """Handle messages until there are none."""
        while found := self.messages():
            for body in change(found):
                handle_message(body, self.ports)

    def has_execution(self, job: Job) -> bool:
        assert job.split
        name = execution_name(job.job_id, job.split.version)
        return self.world.executions.is_running(name)


def is_complete(parts: Parts, job: Job, text: bytes = TEXT) -> bool:
    done = parts.world.job(job.job_id)
    assert done.status is JobStatus.COMPLETED, done
    assert parts.world.results.objects[warm_vcf(done).key] == result_of(text)
    assert {file.key for file in done.results} == set(parts.world.results.objects)
    assert not parts.world.parts.objects, "parts are deleted once nobody needs them"
    return not parts.has_execution(done)


def handle_failure(parts: Parts, job: Job) -> None:
    """Deliver the event of the job's end, and see that nothing is left of it."""
    handle_message(parts.world.last_event().to_json(), parts.ports)
    assert not parts.has_execution(job)
    assert not parts.world.parts.objects
    assert not parts.world.results.objects
