"""The archiver's ports on a world in memory."""

from __future__ import annotations

from functools import partial

from archiver import handler
from archiver.ports import Ports
from gas.domain.job import Job
from gas.domain.job_rules import ArchivePolicy
from gas.events import Event, JobCompleted
from gas.messaging.fan_out import FanOut
from tests.support.world import GRACE, World


def archiver_of(world: World) -> Ports:
    return Ports(
        jobs=world.jobs,
        job_table=world.job_table,
        accounts=world.account_table,
        results=world.results,
        inputs=world.inputs,
        store=world.store,
        fan_out=FanOut(world.fan_out),
        personal=world.personal,
        now=world.now,
        policy=ArchivePolicy(GRACE),
        account_streams=world.accounts,
        sessions=world.sessions,
        profiles=world.profiles,
        uploads=world.uploads,
        parts=world.parts,
    )


def handle(world: World, event: Event, ports: Ports) -> None:
    """Handle the event and the messages of its fan-out."""
    world.deliver(partial(handler.handle, ports=ports), event)


def completed_event(world: World, job: Job) -> Event:
    events = world.log.read(f"job/{job.job_id}")
    return next(event for event in reversed(events) if isinstance(event.data, JobCompleted))


def due() -> tuple[World, Job, Event]:
    """A completed job whose grace period is over, and the event of its completion."""
    world = World()
    job = world.completed(world.register())
    world.pass_time(GRACE)
    return world, job, completed_event(world, job)
