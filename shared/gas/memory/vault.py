"""A Glacier vault, in memory."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gas.archive.store import Readiness
from gas.archive.vault import InventoryEntry, NoCapacity, Retrieval
from gas.events import Tier
from gas.files.bucket import CHUNK_BYTES, NoSuchFile


@dataclass(frozen=True, slots=True)
class _Archive:
    content: bytes
    description: str
    created_at: datetime


class MemoryVault:
    """A vault whose retrievals end when ``finish`` is called.

    Without ``has_capacity`` it refuses expedited retrievals. ``asked`` lists the archive ids that
    were requested.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._ids = itertools.count(1)
        self.has_capacity = True
        self.archives: dict[str, _Archive] = {}
        self.asked: list[str] = []
        self._retrievals: dict[str, Retrieval] = {}
        self._descriptions: dict[str, str] = {}
        self._inventories = 0

    def upload(self, path: Path, description: str) -> str:
        archive_id = f"archive-{next(self._ids)}"
        self.archives[archive_id] = _Archive(path.read_bytes(), description, self._now())
        return archive_id

    def initiate(self, archive_id: str, description: str, tier: Tier) -> str:
        if archive_id not in self.archives:
            raise NoSuchFile(archive_id)
        if tier is Tier.EXPEDITED and not self.has_capacity:
            raise NoCapacity(archive_id)
        id = f"retrieval-{next(self._ids)}"
        self.asked.append(archive_id)
        self._retrievals[id] = Retrieval(id, archive_id, Readiness.THAWING, tier)
        self._descriptions[id] = description
        return id

    def finish(self, archive_id: str, *, succeeded: bool = True) -> list[str]:
        """End every retrieval of that archive; returns all their notices in Glacier's format."""
        return [
            self._end(found, succeeded)
            for found in list(self._retrievals.values())
            if found.archive_id == archive_id
        ]

    def _end(self, found: Retrieval, succeeded: bool) -> str:
        if found.readiness is Readiness.THAWING:
            ended = Readiness.READABLE if succeeded else Readiness.COLD
            found = self._retrievals[found.id] = replace(found, readiness=ended)
        return json.dumps(
            {
                "Action": "ArchiveRetrieval",
                "ArchiveId": found.archive_id,
                "Completed": True,
                "JobDescription": self._descriptions[found.id],
                "JobId": found.id,
                "StatusCode": "Failed" if found.readiness is Readiness.COLD else "Succeeded",
            }
        )

    def forget_retrievals(self) -> None:
        """Remove all retrievals, as Glacier does after a day."""
        self._retrievals.clear()

    def retrieval(self, retrieval: str) -> Retrieval | None:
        return self._retrievals.get(retrieval)

    def retrievals(self) -> Iterator[Retrieval]:
        found = list(self._retrievals.values())
        return iter([each for each in found if each.readiness is not Readiness.COLD])

    def output(self, retrieval: str) -> Iterator[bytes]:
        content = self.archives[self._retrievals[retrieval].archive_id].content
        return iter([content[at : at + CHUNK_BYTES] for at in range(0, len(content), CHUNK_BYTES)])

    def delete(self, archive_id: str) -> None:
        self.archives.pop(archive_id, None)

    def inventory(self) -> Iterator[InventoryEntry]:
        # As with Glacier the first call only requests an inventory.
        self._inventories += 1
        if self._inventories == 1:
            return iter(())
        return iter(
            [
                InventoryEntry(id, kept.description, kept.created_at)
                for id, kept in self.archives.items()
            ]
        )
