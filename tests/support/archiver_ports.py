"""The archiver's ports on a world in memory."""

from __future__ import annotations

from archiver.ports import Ports
from gas.domain.job_rules import ArchivePolicy
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
