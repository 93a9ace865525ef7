"""The reconciler's ports on a world in memory."""

from __future__ import annotations

from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.queue import MemoryQueue
from reconciler.ports import Ports
from tests.support.world import World


def reconciler_of(world: World) -> Ports:
    return Ports(
        jobs=world.jobs,
        job_table=world.job_table,
        accounts=world.account_table,
        log=world.log,
        progress=world.progress,
        uploads=world.uploads,
        inputs=world.inputs,
        results=world.results,
        parts=world.parts,
        store=world.store,
        notices=MemoryQueue(world.now),
        claims=MemoryEffectClaims(world.now, claim_seconds=3600),
        periods=world.periods,
        witness=world.witness,
        now=world.now,
    )
