"""The two kinds of cold storage as the simulation sees them: the port, and what lies behind it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Protocol

from gas.events import Tier
from gas.platform.archive.store import ArchiveStore
from gas.platform.archive.vault import VaultArchiveStore
from gas.platform.memory.messages import MemoryInbox
from gas.platform.memory.vault import MemoryVault
from tests.world import World

CLAIM_SECONDS = 180
Wrap = Callable[[str, Any], Any]


class Cold(Protocol):
    """What is in cold storage, what was asked of it, and its answers."""

    @property
    def store(self) -> ArchiveStore:
        """The port that services use."""

    @property
    def asked(self) -> list[str]:
        """The archive id of every retrieval that was paid for."""

    @property
    def copies(self) -> dict[str, bytes]:
        """Every copy by its archive id."""

    def failures(self, archive_id: str) -> int:
        """How many of its retrievals failed, so that another may be paid for."""

    def finish(self, archive_id: str) -> list[str]:
        """End what was asked for; gives the notices."""


class S3Cold:
    """S3's class GLACIER: asking twice is one retrieval."""

    def __init__(self, world: World, wrap: Wrap) -> None:
        self._behind = world.store
        self.store: ArchiveStore = wrap("store", world.store)

    @property
    def asked(self) -> list[str]:
        return self._behind.asked

    @property
    def copies(self) -> dict[str, bytes]:
        return self._behind.copies

    def failures(self, archive_id: str) -> int:
        return 0

    def finish(self, archive_id: str) -> list[str]:
        return [self._behind.thaw(archive_id)]


class VaultCold:
    """A vault, each of whose calls may fail: asking twice is paid for twice."""

    def __init__(self, world: World, wrap: Wrap, rng: random.Random) -> None:
        self._behind = MemoryVault(world.now)
        self._rng = rng
        self._failures: dict[str, int] = {}
        claims = MemoryInbox(world.now, claim_seconds=CLAIM_SECONDS)
        self.store: ArchiveStore = VaultArchiveStore(
            wrap("vault", self._behind),
            wrap("results", world.results),
            wrap("claims", claims),
            tier=Tier.EXPEDITED,
            now=world.now,
            work_folder=None,
        )

    @property
    def asked(self) -> list[str]:
        return self._behind.asked

    @property
    def copies(self) -> dict[str, bytes]:
        return {id: archive.content for id, archive in self._behind.archives.items()}

    def failures(self, archive_id: str) -> int:
        return self._failures.get(archive_id, 0)

    def finish(self, archive_id: str) -> list[str]:
        succeeded = self._rng.random() > 0.1
        under_way = any(found.archive_id == archive_id for found in self._under_way())
        if under_way and not succeeded:
            self._failures[archive_id] = self._failures.get(archive_id, 0) + 1
        self._behind.has_capacity = self._rng.random() > 0.2
        return self._behind.finish(archive_id, succeeded=succeeded)

    def _under_way(self) -> list[Any]:
        return [each for each in self._behind.retrievals() if each.readiness.name == "THAWING"]
