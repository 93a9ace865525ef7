"""The two kinds of cold storage: the port that services use, and the in-memory store behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from gas.archive.store import ArchiveStore, Readiness
from gas.archive.vault import VaultArchiveStore
from gas.events import Tier
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.vault import MemoryVault
from gas.messaging.effect_claims import Claim
from tests.simulation.tasks import Simulator
from tests.support.world import World

CLAIM_SECONDS = 180
_USUAL = 0.9
Wrap = Callable[[str, Any], Any]


class ColdStorage(Protocol):
    """The port of services, and what the simulation knows of the store behind it."""

    @property
    def store(self) -> ArchiveStore:
        """The port that services use."""

    @property
    def plain(self) -> ArchiveStore:
        """The same without faults."""

    @property
    def requested(self) -> list[str]:
        """The archive id of every retrieval that was paid for, in order."""

    @property
    def copies(self) -> dict[str, bytes]:
        """The content of every copy, by archive id."""

    def allowed_repeats(self, archive_id: str) -> int:
        """How many retrievals of it may be paid for besides the first."""

    def finish(self, archive_id: str) -> list[str]:
        """Finish the requested retrievals of an archive; returns their notices."""

    def stop_failing(self) -> None:
        """From now on retrievals rarely fail."""


class S3ColdStorage:
    """S3's class GLACIER: a repeated request costs nothing, unless it is for a faster tier."""

    def __init__(self, world: World, wrap: Wrap, simulator: Simulator) -> None:
        self._backend = world.store
        self._rng = simulator.rng
        self.store: ArchiveStore = wrap("store", world.store)
        self.plain: ArchiveStore = world.store

    @property
    def requested(self) -> list[str]:
        return self._backend.asked

    @property
    def copies(self) -> dict[str, bytes]:
        return self._backend.copies

    def allowed_repeats(self, archive_id: str) -> int:
        return 0

    def finish(self, archive_id: str) -> list[str]:
        self._backend.has_capacity = self._rng.random() > 0.2
        return [self._backend.thaw(archive_id)]

    def stop_failing(self) -> None:
        """They never fail here."""


class _Claims(MemoryEffectClaims):
    """Claims that remember which task made them, and when they expire."""

    def __init__(self, simulator: Simulator, now: Callable[[], datetime]) -> None:
        super().__init__(now, claim_seconds=CLAIM_SECONDS)
        self._simulator = simulator
        self._until: dict[tuple[int, str], datetime] = {}

    def claim(self, event_id: str) -> Claim:
        found = super().claim(event_id)
        if found in {Claim.OURS, Claim.INHERITED}:
            until = self._now() + timedelta(seconds=CLAIM_SECONDS)
            self._until[self._key(event_id)] = until
        return found

    def have_expired(self, archive_id: str) -> bool:
        """True if the current task claimed that archive and its claim has expired."""
        until = self._until.get(self._key(archive_id))
        return until is not None and until <= self._now()

    def _key(self, claim_id: str) -> tuple[int, str]:
        return id(self._simulator.current), claim_id.partition("/")[0]


class _CountingVault(MemoryVault):
    """A vault that counts requests with an expired claim: another task may have paid as well."""

    def __init__(self, claims: _Claims, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self._claims = claims
        self.late: Counter[str] = Counter()

    def initiate(self, archive_id: str, description: str, tier: Tier) -> str:
        retrieval = super().initiate(archive_id, description, tier)
        self.late[archive_id] += self._claims.have_expired(archive_id)
        return retrieval


class VaultColdStorage:
    """A vault whose every call may fail: a repeated request is paid for again."""

    def __init__(self, world: World, wrap: Wrap, simulator: Simulator) -> None:
        claims = _Claims(simulator, world.now)
        self._backend = _CountingVault(claims, world.now)
        self._rng = simulator.rng
        # Some vaults fail often: only then are retrievals requested again.
        self._reliability = simulator.rng.choice([_USUAL, _USUAL, 0.4])
        self._failures: Counter[str] = Counter()
        self.store: ArchiveStore = VaultArchiveStore(
            wrap("vault", self._backend),
            wrap("results", world.results),
            wrap("claims", claims),
            tiers=(Tier.EXPEDITED, Tier.STANDARD),
            now=world.now,
            work_folder=None,
        )
        self.plain: ArchiveStore = VaultArchiveStore(
            self._backend,
            world.results,
            claims,
            tiers=(Tier.EXPEDITED, Tier.STANDARD),
            now=world.now,
        )

    @property
    def requested(self) -> list[str]:
        return self._backend.asked

    @property
    def copies(self) -> dict[str, bytes]:
        return {id: archive.content for id, archive in self._backend.archives.items()}

    def allowed_repeats(self, archive_id: str) -> int:
        return self._failures[archive_id] + self._backend.late[archive_id]

    def finish(self, archive_id: str) -> list[str]:
        succeeded = self._rng.random() < self._reliability
        under_way = any(found.archive_id == archive_id for found in self._under_way())
        if under_way and not succeeded:
            self._failures[archive_id] += 1
        self._backend.has_capacity = self._rng.random() > 0.2
        return self._backend.finish(archive_id, succeeded=succeeded)

    def stop_failing(self) -> None:
        self._reliability = _USUAL

    def _under_way(self) -> list[Any]:
        return [
            retrieval
            for retrieval in self._backend.retrievals()
            if retrieval.readiness is Readiness.THAWING
        ]
