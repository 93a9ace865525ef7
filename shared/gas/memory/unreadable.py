"""Events that no relay could publish, in memory."""

from __future__ import annotations

from dataclasses import dataclass

from gas.eventstore.log import StoredEvent


@dataclass(frozen=True, slots=True)
class Letter:
    """An event that was set aside, and why."""

    entry: StoredEvent
    reason: str


class MemoryUnreadableEvents:
    """Keeps them in ``letters``, in their order."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def put(self, entry: StoredEvent, reason: str) -> None:
        self.letters.append(Letter(entry, reason))
