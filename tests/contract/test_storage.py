"""Files, cold storage, queue, inbox, profiles, progress: each contract on AWS and in memory."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gas.archive.store import ArchiveStore, DamagedCopy, Readiness, StillCold
from gas.archive.vault import VaultArchiveStore
from gas.archive.wiring import archive_store
from gas.aws.clients import Aws
from gas.events import ArchiveCopy, InvalidEvent, Lane, ResultFile, ResultKind, Tier, new_id
from gas.files.bucket import Files, NoSuchFile
from gas.files.s3 import S3Files
from gas.memory.archive import MemoryArchiveStore
from gas.memory.concurrency_leases import MemoryConcurrencyLeases
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.files import MemoryFiles
from gas.memory.profiles import MemoryProfileTable
from gas.memory.progress import MemoryProgressTable
from gas.memory.queue import MemoryQueue
from gas.memory.vault import MemoryVault
from gas.messaging.concurrency_leases import (
    AlreadyRunning,
    ConcurrencyLeases,
    DynamoConcurrencyLeases,
)
from gas.messaging.effect_claims import Claim, DynamoEffectClaims, EffectClaims
from gas.messaging.queue import Queue, SqsQueue
from gas.runtime.repositories import utc_now
from gas.settings import ColdSettings, Settings
from gas.tables.profiles import ApiToken, DynamoProfileTable, Profile, ProfileTable
from gas.tables.progress import DynamoProgressTable, ProgressTable

ON_BOTH = ["memory", pytest.param("aws", marks=pytest.mark.integration)]


@pytest.fixture(params=ON_BOTH)
def settings(request: pytest.FixtureRequest) -> Settings | None:
    """The installation on AWS; None in memory."""
    found: Settings = request.getfixturevalue("installation") if request.param == "aws" else None
    return found


@dataclass
class BundleCache:
    """A cold store, what is warm beside it, and how a restore that was asked for is announced."""

    warm: Files
    store: ArchiveStore
    thaw: Callable[[ArchiveCopy], str]
    folder: Path

    def stored(self, content: bytes = b"result") -> ResultFile:
        path = self.folder / "file"
        path.write_bytes(content)
        key = f"u/j/{new_id()}/my.annot.vcf.gz"
        self.warm.put(key, path, "application/gzip")
        digest = hashlib.sha256(content).hexdigest()
        return ResultFile(kind=ResultKind.VCF, key=key, size_bytes=len(content), sha256=digest)

    def content(self, key: str) -> bytes:
        return b"".join(self.warm.stream(key))


def _in_memory(kind: str, folder: Path) -> BundleCache:
    files = MemoryFiles("results", utc_now)
    if kind == "s3":
        store = MemoryArchiveStore(files, utc_now, new_id)
        return BundleCache(files, store, lambda copy: store.thaw(copy.archive_id), folder)
    vault = MemoryVault(utc_now)
    claims = MemoryEffectClaims(utc_now)
    archives = VaultArchiveStore(vault, files, claims, tier=Tier.EXPEDITED, now=utc_now)
    return BundleCache(files, archives, lambda copy: vault.finish(copy.archive_id)[-1], folder)


@pytest.fixture(params=["s3", "vault"])
def bundle_cache(
    request: pytest.FixtureRequest, settings: Settings | None, tmp_path: Path
) -> Iterator[BundleCache]:
    if settings is None:
        yield _in_memory(request.param, tmp_path)
        return
    patch = pytest.MonkeyPatch()
    if request.param == "vault":
        patch.setenv("AWS_ENDPOINT_URL_GLACIER", request.getfixturevalue("vaults"))
    aws = Aws(settings)
    if request.param == "vault":
        aws.glacier().create_vault(vaultName=settings.named("archive"))
    vault = settings.named("archive") if request.param == "vault" else None
    cold = ColdSettings(**settings.model_dump(), archive_store=request.param, vault=vault)
    notices = SqsQueue(aws.sqs(), settings.named("thawer"))

    def thaw(copy: ArchiveCopy) -> str:
        """Wait for the notice as the thawer does."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for message in notices.receive(10, 2, 30):
                notices.delete(message)
                told = store.parse_notice(message.body)
                if any(notice.archive_id == copy.archive_id for notice in told):
                    return message.body
        raise AssertionError(f"no notice for {copy.archive_id}")

    store = archive_store(cold, aws, utc_now)
    yield BundleCache(S3Files(aws.s3(), settings.bucket("results")), store, thaw, tmp_path)
    patch.undo()


def test_files_are_stored_described_streamed_and_deleted(bundle_cache: BundleCache) -> None:
    content = b"x" * 3_000_000
    file = bundle_cache.stored(content)
    info = bundle_cache.warm.info(file.key)
    assert (info.size_bytes, info.sha256) == (len(content), file.sha256)
    chunks = list(bundle_cache.warm.stream(file.key))
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= 1 << 20
    assert file.key in set(bundle_cache.warm.stored_before(utc_now() + timedelta(minutes=1)))
    assert file.key not in set(bundle_cache.warm.stored_before(utc_now() - timedelta(minutes=1)))
    bundle_cache.warm.delete([file.key, "never/was"])
    bundle_cache.warm.delete([])
    with pytest.raises(NoSuchFile):
        bundle_cache.warm.info(file.key)
    with pytest.raises(NoSuchFile):
        bundle_cache.warm.stream(file.key)


def test_a_result_goes_to_cold_storage_and_comes_back_equal(bundle_cache: BundleCache) -> None:
    file = bundle_cache.stored(b"result" * 1000)
    copy = bundle_cache.store.put("u", "j", file)
    assert (copy.size_bytes, copy.sha256) == (file.size_bytes, file.sha256)
    bundle_cache.warm.delete([file.key])
    back = file.model_copy(update={"key": f"u/j/{new_id()}/my.annot.vcf.gz"})
    assert bundle_cache.store.readiness(copy, None) is Readiness.COLD
    with pytest.raises(StillCold):
        bundle_cache.store.fetch(copy, back, None)
    promise = bundle_cache.store.request_restore("u", "j", copy)
    assert promise.expected_by > datetime.now(UTC)
    again = bundle_cache.store.request_restore("u", "j", copy)
    assert again.retrieval == promise.retrieval, "it was asked, and paid for, twice"
    (notice,) = bundle_cache.store.parse_notice(bundle_cache.thaw(copy))
    assert (notice.job_id, notice.archive_id, notice.retrieval, notice.succeeded) == (
        *("j", copy.archive_id, promise.retrieval, True),
    )
    assert bundle_cache.store.readiness(copy, promise.retrieval) is Readiness.READABLE
    bundle_cache.store.fetch(copy, back, notice.retrieval)
    assert bundle_cache.content(back.key) == b"result" * 1000
    bundle_cache.store.delete(copy)
    bundle_cache.store.delete(copy)


def test_each_copy_has_an_id_of_its_own(bundle_cache: BundleCache) -> None:
    file = bundle_cache.stored()
    first, second = (bundle_cache.store.put("u", "j", file) for _ in range(2))
    assert first.archive_id != second.archive_id
    bundle_cache.store.delete(first)
    assert bundle_cache.store.request_restore("u", "j", second).tier is Tier.EXPEDITED


def test_a_copy_that_is_not_what_the_log_says_is_refused(bundle_cache: BundleCache) -> None:
    file = bundle_cache.stored()
    wrong = file.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(DamagedCopy):
        bundle_cache.store.put("u", "j", wrong)
    assert bundle_cache.content(file.key) == b"result"


def test_an_archive_that_is_not_there_cannot_be_asked_for(bundle_cache: BundleCache) -> None:
    copy = bundle_cache.store.put("u", "j", bundle_cache.stored())
    bundle_cache.store.delete(copy)
    with pytest.raises(Exception, match=rf"{copy.archive_id}|NoSuchKey|NotFound|404"):
        bundle_cache.store.request_restore("u", "j", copy)


def test_the_store_lists_its_copies_with_their_jobs(bundle_cache: BundleCache) -> None:
    copy = bundle_cache.store.put("u", "j", bundle_cache.stored())
    soon = utc_now() + timedelta(minutes=1)
    deadline = time.monotonic() + 20
    while True:  # a vault counts what it has, and answers later
        found = [held for held in bundle_cache.store.stored_before(soon) if held.job_id == "j"]
        if copy.archive_id in {held.archive_id for held in found}:
            break
        assert time.monotonic() < deadline, "the copy is not listed"
        time.sleep(0.3)
    assert {held.store for held in found} >= {copy.store}
    early = bundle_cache.store.stored_before(utc_now() - timedelta(minutes=1))
    assert copy.archive_id not in {held.archive_id for held in early}


@pytest.mark.parametrize("body", ["", "hello", "[]", "{}", '{"Records": [{}]}'])
def test_what_is_no_notice_is_refused(bundle_cache: BundleCache, body: str) -> None:
    with pytest.raises(InvalidEvent):
        bundle_cache.store.parse_notice(body)


class Clock:
    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def queue(settings: Settings | None) -> Queue:
    if settings is None:
        return MemoryQueue(utc_now)
    return SqsQueue(Aws(settings).sqs(), settings.named("annotator"))


def receive_one(queue: Queue, visibility_seconds: int = 30) -> tuple[str, int]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for message in queue.receive(1, 1, visibility_seconds):
            received = message
            return received.body, received.receives
    raise AssertionError("no message came")


def test_a_message_is_hidden_while_held_and_comes_back_when_given_back(queue: Queue) -> None:
    queue.send("hello")
    (message,) = queue.receive(1, 1, 30)
    assert (message.body, message.receives) == ("hello", 1)
    assert queue.receive(1, 0, 30) == []
    queue.extend(message, 0)
    (again,) = queue.receive(1, 1, 30)
    assert again.receives == 2
    queue.delete(again)
    assert queue.depth() == 0


def test_a_message_that_is_sent_again_stays_its_users(queue: Queue) -> None:
    queue.send("whose", 0, "user-1")
    (message,) = queue.receive(1, 1, 30)
    assert message.group == "user-1"
    queue.delete(message)


def test_messages_sent_at_once_come_singly_and_in_their_group(queue: Queue) -> None:
    queue.send_all([f"job {n}" for n in range(10)], "user-1")
    found: dict[str, str | None] = {}
    while messages := queue.receive(10, 1, 30):
        for message in messages:
            found[message.body] = message.group
            queue.delete(message)
    assert found.keys() == {f"job {n}" for n in range(10)}
    assert set(found.values()) <= {"user-1", None}


def test_a_delayed_message_comes_when_it_is_due(queue: Queue) -> None:
    queue.send("later", 2)
    assert queue.receive(1, 0, 30) == []
    body, _ = receive_one(queue)
    assert body == "later"


def test_a_buried_message_is_in_the_dead_letter_queue_alone(queue: Queue) -> None:
    queue.send("dead")
    deadline = time.monotonic() + 20
    buried = False
    while not buried and time.monotonic() < deadline:
        for message in queue.receive(10, 1, 30):
            if message.body == "dead":
                queue.dead_letter(message, "it was dead")
                buried = True
            else:
                queue.delete(message)
    assert buried
    assert queue.receive(1, 0, 1) == []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def effect_claims(settings: Settings | None, clock: Clock) -> EffectClaims:
    if settings is None:
        return MemoryEffectClaims(clock)
    return DynamoEffectClaims(
        Aws(settings).dynamodb(), settings.prefix, "test", claim_seconds=180, now=clock
    )


def test_an_effect_is_claimed_by_one_and_done_once(effect_claims: EffectClaims) -> None:
    event_id = new_id()
    assert effect_claims.claim(event_id) is Claim.OURS
    assert effect_claims.claim(event_id) is Claim.TAKEN
    effect_claims.complete(event_id)
    assert effect_claims.claim(event_id) is Claim.DONE


def test_a_claim_that_was_never_settled_can_be_taken_over(
    effect_claims: EffectClaims, clock: Clock
) -> None:
    event_id = new_id()
    assert effect_claims.claim(event_id) is Claim.OURS
    clock.time += timedelta(seconds=effect_claims.claim_seconds + 2)
    assert effect_claims.claim(event_id) is Claim.INHERITED
    effect_claims.complete(event_id)
    clock.time += timedelta(days=1)
    assert effect_claims.claim(event_id) is Claim.DONE


@pytest.fixture
def profiles(settings: Settings | None) -> ProfileTable:
    if settings is None:
        return MemoryProfileTable()
    return DynamoProfileTable(Aws(settings).dynamodb(), settings.prefix)


def test_profiles_change_and_their_tokens_stay(profiles: ProfileTable) -> None:
    user = new_id()
    assert profiles.get(user) is None
    ada = Profile(user, "http://issuer", "sub", "ada@example.org", "Ada")
    profiles.save(ada)
    token = ApiToken("f" * 64, "abcd", "2026-01-01T00:00:00+00:00")
    profiles.add_token(user, token)
    profiles.save(Profile(user, "http://issuer", "sub", "new@example.org", "Ada L"))
    found = profiles.get(user)
    assert found is not None
    assert (found.email, found.name, found.tokens) == ("new@example.org", "Ada L", (token,))
    profiles.remove_token(user, token.sha256)
    profiles.remove_token(user, token.sha256)
    assert profiles.get(user).tokens == ()  # type: ignore[union-attr]


@pytest.fixture
def progress(settings: Settings | None) -> ProgressTable:
    if settings is None:
        return MemoryProgressTable(utc_now)
    return DynamoProgressTable(Aws(settings).dynamodb(), settings.prefix, utc_now)


def test_the_latest_progress_is_what_counts(progress: ProgressTable) -> None:
    job_id = new_id()
    assert progress.get(job_id) is None
    progress.record(job_id, 0.25, 10, 1)
    progress.record(job_id, 1.5, 20, 1)
    found = progress.get(job_id)
    assert found is not None
    assert (found.fraction, found.variants, found.attempt) == (1.0, 20, 1)


def test_the_pace_of_a_lane_is_what_was_last_told(progress: ProgressTable) -> None:
    progress.record_pace(Lane.LARGE, 12.5)
    progress.record_pace(Lane.LARGE, 2.25)
    assert progress.pace(Lane.LARGE) == 2.25


@pytest.fixture
def leases(settings: Settings | None, clock: Clock) -> ConcurrencyLeases:
    if settings is None:
        return MemoryConcurrencyLeases(clock, lease_seconds=60)
    return DynamoConcurrencyLeases(
        Aws(settings).dynamodb(), settings.prefix, lease_seconds=60, now=clock
    )


def test_a_user_has_as_many_slots_as_the_limit_says(leases: ConcurrencyLeases) -> None:
    user = new_id()
    first, second = (leases.acquire(user, f"job-{n}", f"holder-{n}", 2) for n in (1, 2))
    assert first
    assert second
    assert leases.acquire(user, "job-3", "holder-3", 2) is None
    assert leases.acquire(new_id(), "job-3", "holder-3", 2)
    leases.release(first)
    leases.release(first)
    assert leases.acquire(user, "job-3", "holder-3", 2)
    assert leases.acquire(user, "job-4", "holder-4", 3), "a higher limit gives another lease"


def test_a_job_is_run_by_one_at_a_time(leases: ConcurrencyLeases) -> None:
    user = new_id()
    lease = leases.acquire(user, "job", "one", 2)
    assert leases.acquire(user, "job", "one", 2) == lease, (
        "an answer that was lost is no other lease"
    )
    with pytest.raises(AlreadyRunning):
        leases.acquire(user, "job", "another", 2)


def test_a_slot_that_is_not_renewed_is_lost(leases: ConcurrencyLeases, clock: Clock) -> None:
    user = new_id()
    lease = leases.acquire(user, "job", "one", 1)
    assert lease
    clock.time += timedelta(seconds=50)
    assert leases.renew(lease)
    clock.time += timedelta(seconds=50)
    with pytest.raises(AlreadyRunning):
        leases.acquire(user, "job", "another", 1)
    clock.time += timedelta(seconds=11)
    taken = leases.acquire(user, "job", "another", 1)
    assert taken
    assert not leases.renew(lease)
    leases.release(lease)
    assert leases.renew(taken), "the loser freed what is no longer its own"
