"""Archiving in a vault: what is paid for once, and what is found again."""

from datetime import timedelta

import pytest

from gas.archive.glacier import part_size
from gas.archive.store import DamagedCopy, Readiness, RestoreRequestPending, StillCold
from gas.archive.stores import ArchiveStores
from gas.archive.vault import VaultArchiveStore
from gas.events import ArchiveCopy, InvalidEvent, ResultKind, Tier
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.vault import MemoryVault
from tests.support.world import World


class Cellar:
    """A vault with one archive in it."""

    def __init__(self) -> None:
        self.world = World()
        self.vault = MemoryVault(self.world.now)
        self.claims = MemoryEffectClaims(self.world.now)
        self.store = VaultArchiveStore(
            self.vault,
            self.world.results,
            self.claims,
            tier=Tier.EXPEDITED,
            now=self.world.now,
        )
        job = self.world.completed(self.world.register())
        warm = job.result(ResultKind.VCF)
        assert warm
        self.warm = warm
        self.copy: ArchiveCopy = self.store.put(job.user_id, job.job_id, warm)

    def ask(self) -> str:
        retrieval = self.store.request_restore("user-1", "job", self.copy).retrieval
        assert retrieval
        return retrieval


@pytest.fixture
def cellar() -> Cellar:
    return Cellar()


def test_a_retry_after_a_crash_finds_the_retrieval_that_was_requested(cellar: Cellar) -> None:
    cellar.claims.claim(f"{cellar.copy.archive_id}/0")
    asked = cellar.vault.initiate(cellar.copy.archive_id, "{}", Tier.EXPEDITED)  # and died
    with pytest.raises(RestoreRequestPending):
        cellar.ask()
    cellar.world.pass_time(timedelta(seconds=cellar.claims.claim_seconds + 1))
    assert cellar.ask() == asked
    assert cellar.vault.asked == [cellar.copy.archive_id]


def test_a_retry_after_a_crash_before_the_request_requests_a_retrieval(cellar: Cellar) -> None:
    cellar.claims.claim(f"{cellar.copy.archive_id}/0")
    cellar.world.pass_time(timedelta(seconds=cellar.claims.claim_seconds + 1))
    cellar.ask()
    assert len(cellar.vault.asked) == 1


def test_a_failed_retrieval_is_requested_again_only_once(cellar: Cellar) -> None:
    first = cellar.ask()
    cellar.vault.finish(cellar.copy.archive_id, succeeded=False)
    assert cellar.store.readiness(cellar.copy, first) is Readiness.COLD
    second = cellar.ask()
    assert second != first
    assert cellar.ask() == second
    assert len(cellar.vault.asked) == 2


def test_a_retrieval_that_the_vault_forgot_is_requested_again(cellar: Cellar) -> None:
    first = cellar.ask()
    cellar.vault.forget_retrievals()
    with pytest.raises(StillCold):
        cellar.store.fetch(cellar.copy, cellar.warm, first)
    assert cellar.ask() != first


def test_without_expedited_capacity_the_standard_tier_is_requested(cellar: Cellar) -> None:
    cellar.vault.has_capacity = False
    promise = cellar.store.request_restore("user-1", "job", cellar.copy)
    assert promise.tier is Tier.STANDARD
    assert promise.expected_by - cellar.world.time > timedelta(hours=5)


def test_a_damaged_archive_is_not_restored(cellar: Cellar) -> None:
    retrieval = cellar.ask()
    cellar.vault.finish(cellar.copy.archive_id)
    wrong = cellar.copy.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(DamagedCopy):
        cellar.store.fetch(wrong, cellar.warm.model_copy(update={"key": "new"}), retrieval)
    assert "new" not in cellar.world.results.objects


def test_archives_of_others_in_the_inventory_are_ignored(cellar: Cellar) -> None:
    path = cellar.world  # for its clock alone
    list(cellar.store.stored_before(path.time))
    cellar.vault.archives["foreign"] = next(iter(cellar.vault.archives.values())).__class__(
        b"x", "holiday pictures", path.time
    )
    path.pass_time(timedelta(days=1))
    assert [held.archive_id for held in cellar.store.stored_before(path.time)] == [
        cellar.copy.archive_id
    ]


@pytest.mark.parametrize("megabytes", [101, 1_000, 40_000, 160_001, 4_000_000])
def test_parts_are_powers_of_two_and_few_enough(megabytes: int) -> None:
    size = part_size(megabytes << 20)
    assert (size >> 20) & ((size >> 20) - 1) == 0
    assert (megabytes << 20) / size <= 10_000


def test_a_copy_is_found_in_the_store_that_holds_it(cellar: Cellar) -> None:
    world = cellar.world
    both = ArchiveStores("s3", {"s3": world.store, "vault": cellar.store})
    new = both.put("user-1", "job", cellar.warm)
    assert new.store == "s3"
    assert both.request_restore("user-1", "job", cellar.copy).retrieval
    assert {held.store for held in both.stored_before(world.time + timedelta(days=1))} == {"s3"}
    both.delete(cellar.copy)
    assert cellar.vault.archives == {}
    only_s3 = ArchiveStores("s3", {"s3": world.store})
    with pytest.raises(LookupError, match="GAS_VAULT"):
        only_s3.delete(cellar.copy)
    with pytest.raises(InvalidEvent):
        both.parse_notice("hello")
