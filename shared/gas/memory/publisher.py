"""The event bus, in memory."""

from __future__ import annotations

from gas.events import Event, Lane
from gas.eventstore.publisher import attributes
from gas.memory.queue import MemoryQueue


class MemoryEventBus:
    """A topic whose subscriptions filter on event type and lane; ``published`` has all events."""

    def __init__(self) -> None:
        self._subscriptions: list[tuple[frozenset[str], Lane | None, MemoryQueue]] = []
        self.published: list[Event] = []

    def subscribe(self, queue: MemoryQueue, *types: str, lane: Lane | None = None) -> None:
        """Deliver events of those types to ``queue``; with a ``lane`` only those of that lane."""
        self._subscriptions.append((frozenset(types), lane, queue))

    def publish(self, event: Event) -> None:
        self.published.append(event)
        self.deliver(event)

    def deliver(self, event: Event) -> None:
        """Deliver the event to its subscribers; again, if it was delivered before."""
        found = attributes(event)
        for types, lane, queue in self._subscriptions:
            if found["type"] in types and lane in {None, found.get("lane")}:
                queue.publish(event.to_json(), event.data.user_id)
