"""What operators work with, on in-memory ports."""

from __future__ import annotations

from collections import defaultdict

from gas.dead_letter_administration import DeadLetterAdministration
from gas.eventstore.repository import LETTER, Repository
from gas.memory.operation import MemoryQueueCounter, MemoryRecentEvents, MemoryStoredTable
from gas.memory.presence import MemoryPresenceTable
from gas.memory.queue import MemoryQueue
from gas.messaging.dead_letters import OUTBOX, DeadLetters, put_into_outbox
from gas.messaging.queue import Message
from gas.tables.progress import ProgressTable
from tests.support.world import World
from web.operation.shared_readings import SharedReadings
from web.operation.sources import Sources
from web.operation.wiring import operation_with
from web.published_bundles import OfferedBundles
from web.settings import WebSettings


class Desk:
    """``queues`` are made when they are first asked for, by short name: ``annotator-dlq``."""

    def __init__(
        self,
        world: World,
        settings: WebSettings,
        progress: ProgressTable,
        offered: OfferedBundles,
    ) -> None:
        self.queues: defaultdict[str, MemoryQueue] = defaultdict(lambda: MemoryQueue(world.now))
        self.presence = MemoryPresenceTable()
        self._world = world
        letters = DeadLetterAdministration(
            self._letters_of,
            Repository(LETTER, world.write_context),
            world.jobs,
            world.write_context,
            world.uploads,
        )
        self.sources = Sources(
            counter=MemoryQueueCounter(self.queues),
            job_table=world.job_table,
            progress=progress,
            leases=world.leases,
            part_leases=world.part_leases,
            log=world.log,
            recent=MemoryRecentEvents(world.db),
            stored=MemoryStoredTable(world.db),
            results=world.results,
            offered=offered,
            presence=self.presence,
            check=lambda: None,
            now=world.now,
        )
        self.operation = operation_with(settings, self.sources, letters)

    @property
    def readings(self) -> SharedReadings:
        """The boxes of all operators."""
        return self.operation.readings

    def _letters_of(self, name: str) -> DeadLetters:
        queue = self.queues[name]

        def send_back(letter: Message) -> None:
            if name == OUTBOX:
                put_into_outbox(letter, self._world.log)
            else:
                queue.send(letter.body, group=letter.group)

        return DeadLetters(self.queues[f"{name}-dlq"], send_back)
