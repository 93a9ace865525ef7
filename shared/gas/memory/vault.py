"""A vault, in memory; ``finish`` ends a retrieval and gives its notice as Glacier words it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gas.archive.store import Readiness
from gas.archive.vault import Listed, NoCapacity, Retrieval
from gas.events import Tier
from gas.files.bucket import CHUNK_BYTES, NoSuchFile


@dataclass(frozen=True, slots=True)
class _Archive:
    content: bytes
    description: str
    created_at: datetime


class MemoryVault:
    """Archives and retrievals by id. ``has_capacity`` says whether it takes expedited ones."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._ids = itertools.count(1)
        self.has_capacity = True
        self.archives: dict[str, _Archive] = {}
        self.asked: list[str] = []
        self._retrievals: dict[str, Retrieval] = {}
        self._labels: dict[str, str] = {}
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
        self._labels[id] = description
        return id

    def finish(self, archive_id: str, *, succeeded: bool = True) -> list[str]:
        """End every retrieval of that archive; gives the notices, also of those ended before."""
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
                "JobDescription": self._labels[found.id],
                "JobId": found.id,
                "StatusCode": "Failed" if found.readiness is Readiness.COLD else "Succeeded",
            }
        )

    def forget_retrievals(self) -> None:
        """What a day does: nothing that was asked for can be fetched any more."""
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

    def inventory(self) -> Iterator[Listed]:
        self._inventories += 1
        if self._inventories == 1:
            return iter(())
        return iter(
            [Listed(id, kept.description, kept.created_at) for id, kept in self.archives.items()]
        )
