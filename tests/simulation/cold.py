"""The two kinds of cold storage as the simulation sees them: the port, and what lies behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from gas.archive.store import ArchiveStore
from gas.archive.vault import VaultArchiveStore
from gas.events import Tier
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.vault import MemoryVault
from gas.messaging.effect_claims import Claim
from tests.simulation.tasks import Simulator
from tests.world import World

CLAIM_SECONDS = 180
_USUAL = 0.9
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

    def excused(self, archive_id: str) -> int:
        """How many more retrievals of it may have been paid for than one."""

    def finish(self, archive_id: str) -> list[str]:
        """End what was asked for; gives the notices."""

    def calm_down(self) -> None:
        """From now on retrievals seldom fail."""


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

    def excused(self, archive_id: str) -> int:
        return 0

    def finish(self, archive_id: str) -> list[str]:
        return [self._behind.thaw(archive_id)]

    def calm_down(self) -> None:
        """They never do here."""


class _Claims(MemoryEffectClaims):
    """Claims that remember which task made them, and when."""

    def __init__(self, simulator: Simulator, now: Callable[[], datetime]) -> None:
        super().__init__(now, claim_seconds=CLAIM_SECONDS)
        self._simulator = simulator
        self._until: dict[tuple[int, str], datetime] = {}

    def claim(self, event_id: str) -> Claim:
        found = super().claim(event_id)
        if found in {Claim.OURS, Claim.INHERITED}:
            until = self._now() + timedelta(seconds=CLAIM_SECONDS)
            self._until[self._whose(event_id)] = until
        return found

    def have_run_out(self, archive_id: str) -> bool:
        """True if the current task claimed that archive and slept through its claim."""
        until = self._until.get(self._whose(archive_id))
        return until is not None and until <= self._now()

    def _whose(self, claim_id: str) -> tuple[int, str]:
        return id(self._simulator.current), claim_id.partition("/")[0]


class _Till(MemoryVault):
    """A vault that counts who pays with a claim that has run out: somebody else may have paid."""

    def __init__(self, claims: _Claims, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self._claims = claims
        self.late: Counter[str] = Counter()

    def initiate(self, archive_id: str, description: str, tier: Tier) -> str:
        asked = super().initiate(archive_id, description, tier)
        self.late[archive_id] += self._claims.have_run_out(archive_id)
        return asked


class VaultCold:
    """A vault, each of whose calls may fail: asking twice is paid for twice."""

    def __init__(self, world: World, wrap: Wrap, simulator: Simulator) -> None:
        claims = _Claims(simulator, world.now)
        self._behind = _Till(claims, world.now)
        self._rng = simulator.rng
        # Some vaults fail often, which is when it matters who asks again.
        self._reliability = simulator.rng.choice([_USUAL, _USUAL, 0.4])
        self._failures: Counter[str] = Counter()
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

    def excused(self, archive_id: str) -> int:
        return self._failures[archive_id] + self._behind.late[archive_id]

    def finish(self, archive_id: str) -> list[str]:
        succeeded = self._rng.random() < self._reliability
        under_way = any(found.archive_id == archive_id for found in self._under_way())
        if under_way and not succeeded:
            self._failures[archive_id] += 1
        self._behind.has_capacity = self._rng.random() > 0.2
        return self._behind.finish(archive_id, succeeded=succeeded)

    def calm_down(self) -> None:
        self._reliability = _USUAL

    def _under_way(self) -> list[Any]:
        return [each for each in self._behind.retrievals() if each.readiness.name == "THAWING"]
