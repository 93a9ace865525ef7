"""The one reader of all open pages lives on, whatever it meets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from gas.domain.job import Job
from gas.memory.feed import MemoryEventFeed
from tests.support.world import World
from web.live.hub import Hub
from web.live.sources import News, Sources
from web.live.watch import Watch


class Troubled(Sources):
    """Sources whose first reading brings a fault of ours to light."""

    def read(self, watches: Sequence[Watch]) -> News:
        if self._ticks == 0:
            self._ticks = 1
            raise ValueError("a row that nobody foresaw")
        return News({watch.job_id: 9 for watch in watches})


def troubled(world: World) -> Troubled:
    feed = MemoryEventFeed(world.db)
    return Troubled(feed, world.job_table, world.progress, world.now)


async def first_change(world: World, job: Job) -> bytes | None:
    hub = Hub(troubled(world), tick_seconds=0.001)
    watch = Watch(job, job.version, job.user_id)
    assert hub.open(watch)
    frame = await watch.next_frame(20)
    hub.close(watch)
    hub.stop()
    return frame


def test_a_fault_of_ours_does_not_end_what_all_open_pages_wait_for() -> None:
    world = World()
    job = world.submit(world.register())
    with ThreadPoolExecutor(1) as thread:  # a browser's test may have left a loop in this one
        frame = thread.submit(asyncio.run, first_change(world, job)).result(60)
    assert frame is not None
    assert frame.startswith(b"id: 9\n")
