"""Archives in a vault: a retrieval is paid for once, and is found again after a crash."""

from dataclasses import replace
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


class VaultWithArchive:
    """A vault that contains one archive, and the store that services use."""

    def __init__(self) -> None:
        self.world = World()
        self.vault = MemoryVault(self.world.now)
        self.claims = MemoryEffectClaims(self.world.now)
        self.store = VaultArchiveStore(
            self.vault,
            self.world.results,
            self.claims,
            tiers=(Tier.EXPEDITED, Tier.STANDARD),
            now=self.world.now,
        )
        job = self.world.completed(self.world.register())
        warm = job.result(ResultKind.VCF)
        assert warm
        self.warm = warm
        self.copy: ArchiveCopy = self.store.put(job.user_id, job.job_id, warm)

    def request(self) -> str:
        """Request the restore; the id of the retrieval."""
        retrieval = self.store.request_restore("user-1", "job", self.copy).retrieval
        assert retrieval
        return retrieval


@pytest.fixture
def stored() -> VaultWithArchive:
    return VaultWithArchive()


def test_a_retry_after_a_crash_finds_the_retrieval_that_was_requested(
    stored: VaultWithArchive,
) -> None:
    stored.claims.claim(f"{stored.copy.archive_id}/0")
    retrieval = stored.vault.initiate(stored.copy.archive_id, "{}", Tier.EXPEDITED)
    # Here the process died: the claim is not completed.
    with pytest.raises(RestoreRequestPending):
        stored.request()
    stored.world.pass_time(timedelta(seconds=stored.claims.claim_seconds + 1))
    assert stored.request() == retrieval
    assert stored.vault.asked == [stored.copy.archive_id]


def test_a_retry_after_a_crash_before_the_request_requests_a_retrieval(
    stored: VaultWithArchive,
) -> None:
    stored.claims.claim(f"{stored.copy.archive_id}/0")
    stored.world.pass_time(timedelta(seconds=stored.claims.claim_seconds + 1))
    stored.request()
    assert len(stored.vault.asked) == 1


def test_a_failed_retrieval_is_requested_again_only_once(stored: VaultWithArchive) -> None:
    first = stored.request()
    stored.vault.finish(stored.copy.archive_id, succeeded=False)
    assert stored.store.readiness(stored.copy, first) is Readiness.COLD
    second = stored.request()
    assert second != first
    assert stored.request() == second
    assert len(stored.vault.asked) == 2


def test_a_retrieval_that_the_vault_forgot_is_requested_again(stored: VaultWithArchive) -> None:
    first = stored.request()
    stored.vault.forget_retrievals()
    with pytest.raises(StillCold):
        stored.store.fetch(stored.copy, stored.warm, first)
    assert stored.request() != first


def test_without_expedited_capacity_the_standard_tier_is_requested(
    stored: VaultWithArchive,
) -> None:
    stored.vault.has_capacity = False
    promise = stored.store.request_restore("user-1", "job", stored.copy)
    assert promise.tier is Tier.STANDARD
    assert promise.expected_by - stored.world.time > timedelta(hours=5)


def test_a_damaged_archive_is_not_restored(stored: VaultWithArchive) -> None:
    retrieval = stored.request()
    stored.vault.finish(stored.copy.archive_id)
    wrong = stored.copy.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(DamagedCopy):
        stored.store.fetch(wrong, stored.warm.model_copy(update={"key": "new"}), retrieval)
    assert "new" not in stored.world.results.objects


def test_archives_of_others_in_the_inventory_are_ignored(stored: VaultWithArchive) -> None:
    world = stored.world
    list(stored.store.stored_before(world.time))
    archive = stored.vault.archives[stored.copy.archive_id]
    stored.vault.archives["foreign"] = replace(
        archive, content=b"x", description="holiday pictures"
    )
    world.pass_time(timedelta(days=1))
    assert [held.archive_id for held in stored.store.stored_before(world.time)] == [
        stored.copy.archive_id
    ]


@pytest.mark.parametrize("megabytes", [101, 1_000, 40_000, 160_001, 4_000_000])
def test_parts_are_powers_of_two_and_few_enough(megabytes: int) -> None:
    size = part_size(megabytes << 20)
    assert (size >> 20) & ((size >> 20) - 1) == 0
    assert (megabytes << 20) / size <= 10_000


def test_a_copy_is_found_in_the_store_that_holds_it(stored: VaultWithArchive) -> None:
    world = stored.world
    both = ArchiveStores("s3", {"s3": world.store, "vault": stored.store})
    new = both.put("user-1", "job", stored.warm)
    assert new.store == "s3"
    assert both.request_restore("user-1", "job", stored.copy).retrieval
    assert {held.store for held in both.stored_before(world.time + timedelta(days=1))} == {"s3"}
    both.delete(stored.copy)
    assert stored.vault.archives == {}
    only_s3 = ArchiveStores("s3", {"s3": world.store})
    with pytest.raises(LookupError, match="GAS_VAULT"):
        only_s3.delete(stored.copy)
    with pytest.raises(InvalidEvent):
        both.parse_notice("hello")
