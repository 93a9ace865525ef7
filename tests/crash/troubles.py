"""All stories, and those of faults that no crash makes: poison, mails that raise, a lost log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from annotator.runner.parent import Stopped
from gas.aws.items import wire
from gas.domain.job import JobStatus
from gas.events import new_id
from gas.eventstore.dynamo_log import OUTBOX_SHARDS
from gas.eventstore.projections import ProjectionTables
from gas.eventstore.rebuild import rebuild
from gas.messaging.dead_letters import DeadLetters
from gas.recovery.command import recover
from gas.runtime.repositories import utc_now
from notifier.sending import SesMailSender
from tests.crash import stories
from tests.crash.closing import close_with_everything
from tests.crash.installation import GRACE_SECONDS
from tests.crash.operators import administration_of, recovery_ports_of
from tests.crash.parts import cancelled_in_parts, in_parts
from tests.crash.stories import Story, expect

_ROUNDS = 20


def interrupted_raising_poisoned(story: Story) -> None:
    """A deployment ends the attempt, the mail raises at first, poison waits in the outbox."""
    installation = story.installation
    story.submit()
    installation.processes.count_from_here()
    with installation.annotating_with(_stopped):
        installation.deliver("annotator")
    installation.processes.stop_counting()
    _annotate(story)
    _leave_poison(story)
    installation.pass_time(GRACE_SECONDS)
    installation.processes.count_from_here()
    with patch.object(SesMailSender, "send", _failing):
        installation.deliver("notifier")
    installation.processes.run(installation.relay.sweep)
    installation.processes.stop_counting()
    story.until(JobStatus.ARCHIVED)
    # Twice where a crash fell between setting it aside and recording that.
    set_aside = installation.depths()["outbox-dlq"]
    expect(set_aside in {1, 2}, f"poison was set aside {set_aside} times")
    outbox = installation.settings.named("outbox")
    DeadLetters.of(installation.aws.sqs(), outbox, lambda _: None).discard(None)


def restored_log(versions: int, *ends: JobStatus) -> Callable[[Story], None]:
    """The log keeps only so many events of the job; an operator follows the drill, twice."""

    def play(story: Story) -> None:
        installation = story.installation
        # As files have the real time; S3 gives it in whole seconds.
        since = utc_now().replace(microsecond=0)
        story.submit()
        story.until(JobStatus.COMPLETED)
        installation.pass_time(GRACE_SECONDS + 1)
        story.until(JobStatus.ARCHIVED)
        _lose_events(story, versions)
        ports = recovery_ports_of(installation)
        installation.processes.count_from_here()
        installation.processes.run(lambda: list(recover(since, ports)))
        installation.processes.stop_counting()
        list(recover(since, ports))  # as an operator does whose command has died
        for at in range(len(ends)):
            story.until(*ends[at:])  # where publishing waits for the relay, it may be archived then
            installation.pass_time(GRACE_SECONDS + 1)
        for period in ports.periods.all():
            ports.periods.close(period.id)

    return play


def _stopped(*_: Any, **__: Any) -> dict[str, int]:
    raise Stopped


def _failing(*_: Any) -> None:
    raise LookupError("a mail that raises")


def _annotate(story: Story) -> None:
    """Bring the job to its end, and leave its mail in the queue."""
    installation = story.installation
    for _ in range(_ROUNDS):
        if installation.deliver("annotator"):
            continue
        if installation.depths()["notifier"]:
            return
        installation.pass_time(GRACE_SECONDS)
        installation.sweep()
    expect(False, f"the job is {story.job.status}, and no mail is due")


def _leave_poison(story: Story) -> None:
    """Store an event that nobody can read, unpublished, as another version might."""
    settings = story.installation.settings
    event = {"event_id": new_id(), "type": "gas.job.mended.v3", "event": '{"type": "x"}'}
    place = {"stream": f"job/{new_id()}", "version": 1, "unpublished": OUTBOX_SHARDS[0]}
    table = f"{settings.prefix}-events"
    story.installation.aws.dynamodb().put_item(TableName=table, Item=wire(place | event))


def _lose_events(story: Story, versions: int) -> None:
    """Restore the log as it was with the job's first events, and rebuild the rows from it."""
    installation = story.installation
    client, prefix = installation.aws.dynamodb(), installation.settings.prefix
    log = administration_of(installation).log
    stream = f"job/{story.job_id}"
    for event in log.read(stream)[versions:]:
        key = wire({"stream": stream, "version": event.streamversion})
        client.delete_item(TableName=f"{prefix}-events", Key=key)
        story.lost += (event.id,)
    rebuild(log, ProjectionTables(client, prefix), lambda _: None)


# What was archived and came back by a recovery stays: its message was handled long ago.
STORIES: dict[str, Callable[[Story], None]] = {
    **stories.STORIES,
    "in parts": in_parts,
    "cancelled in parts": cancelled_in_parts,
    "close the account": close_with_everything,
    "interrupted, raising, poisoned": interrupted_raising_poisoned,
    "log restored before the archival": restored_log(3, JobStatus.COMPLETED),
    "log restored before the job": restored_log(0, JobStatus.COMPLETED, JobStatus.ARCHIVED),
}
