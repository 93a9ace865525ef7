"""Files, cold storage, queue, inbox, profiles, progress: each contract on AWS and in memory."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gas.events import ArchiveCopy, InvalidEvent, ResultFile, ResultKind, Tier, new_id
from gas.platform.archive.s3 import S3ArchiveStore
from gas.platform.archive.store import ArchiveStore, DamagedCopy, StillCold
from gas.platform.aws import Aws
from gas.platform.files import Files, NoSuchFile, S3Files
from gas.platform.inbox import Claim, DynamoInbox, Inbox
from gas.platform.memory.files import MemoryArchiveStore, MemoryFiles
from gas.platform.memory.messages import MemoryInbox, MemoryQueue
from gas.platform.memory.people import MemoryProfileTable, MemoryProgressTable
from gas.platform.profiles import ApiToken, DynamoProfileTable, Profile, ProfileTable
from gas.platform.progress import DynamoProgressTable, ProgressTable
from gas.platform.queue import Queue, SqsQueue
from gas.platform.settings import Settings
from gas.platform.worker import utc_now

ON_BOTH = ["memory", pytest.param("aws", marks=pytest.mark.integration)]


@pytest.fixture(params=ON_BOTH)
def settings(request: pytest.FixtureRequest) -> Settings | None:
    """The installation on AWS; None in memory."""
    found: Settings = request.getfixturevalue("installation") if request.param == "aws" else None
    return found


@dataclass
class Shelf:
    warm: Files
    store: ArchiveStore
    thaw: Callable[[str], str]
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


@pytest.fixture
def shelf(settings: Settings | None, tmp_path: Path) -> Shelf:
    if settings is None:
        files = MemoryFiles("results")
        store = MemoryArchiveStore(files, utc_now, new_id)
        return Shelf(files, store, store.thaw, tmp_path)
    aws = Aws(settings)
    s3 = aws.s3()
    cold = S3ArchiveStore(
        s3,
        aws.s3(attempts=1),
        warm_bucket=settings.bucket("results"),
        cold_bucket=settings.bucket("archive"),
        tier=Tier.EXPEDITED,
        now=utc_now,
        new_id=new_id,
    )
    notices = SqsQueue(aws.sqs(), settings.named("thawer"))

    def thaw(archive_id: str) -> str:
        """Ask, and wait for the notice as the thawer does."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for message in notices.receive(10, 2, 30):
                notices.delete(message)
                if any(n.archive_id == archive_id for n in cold.parse_notice(message.body)):
                    return message.body
        raise AssertionError(f"no notice for {archive_id}")

    return Shelf(S3Files(s3, settings.bucket("results")), cold, thaw, tmp_path)


def test_files_are_stored_described_streamed_and_deleted(shelf: Shelf) -> None:
    content = b"x" * 3_000_000
    file = shelf.stored(content)
    info = shelf.warm.info(file.key)
    assert (info.size_bytes, info.sha256) == (len(content), file.sha256)
    chunks = list(shelf.warm.stream(file.key))
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= 1 << 20
    shelf.warm.delete([file.key, "never/was"])
    shelf.warm.delete([])
    with pytest.raises(NoSuchFile):
        shelf.warm.info(file.key)
    with pytest.raises(NoSuchFile):
        shelf.warm.stream(file.key)


def test_a_result_goes_to_cold_storage_and_comes_back_equal(shelf: Shelf) -> None:
    file = shelf.stored(b"result" * 1000)
    copy = shelf.store.put("u", "j", file)
    assert (copy.size_bytes, copy.sha256) == (file.size_bytes, file.sha256)
    shelf.warm.delete([file.key])
    back = file.model_copy(update={"key": f"u/j/{new_id()}/my.annot.vcf.gz"})
    with pytest.raises(StillCold):
        shelf.store.fetch(copy, back)
    promise = shelf.store.request_restore("j", copy)
    assert promise.expected_by > datetime.now(UTC)
    shelf.store.request_restore("j", copy)
    notice = shelf.thaw(copy.archive_id)
    assert [(n.job_id, n.archive_id) for n in shelf.store.parse_notice(notice)] == [
        ("j", copy.archive_id)
    ]
    shelf.store.fetch(copy, back)
    assert shelf.content(back.key) == b"result" * 1000
    shelf.store.delete(copy.archive_id)
    shelf.store.delete(copy.archive_id)


def test_each_copy_has_an_id_of_its_own(shelf: Shelf) -> None:
    file = shelf.stored()
    first, second = (shelf.store.put("u", "j", file) for _ in range(2))
    assert first.archive_id != second.archive_id
    shelf.store.delete(first.archive_id)
    assert shelf.store.request_restore("j", second).tier is Tier.EXPEDITED


def test_a_copy_that_is_not_what_the_log_says_is_refused(shelf: Shelf) -> None:
    file = shelf.stored()
    wrong = file.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(DamagedCopy):
        shelf.store.put("u", "j", wrong)
    assert shelf.content(file.key) == b"result"


def test_an_archive_that_is_not_there_cannot_be_asked_for(shelf: Shelf) -> None:
    lost = ArchiveCopy(store="s3", archive_id="u/j/x/y", size_bytes=1, sha256="0" * 64)
    with pytest.raises(Exception, match=r"u/j/x/y|NoSuchKey|NotFound|404"):
        shelf.store.request_restore("j", lost)


@pytest.mark.parametrize("body", ["", "hello", "[]", "{}", '{"Records": [{}]}'])
def test_what_is_no_notice_is_refused(shelf: Shelf, body: str) -> None:
    with pytest.raises(InvalidEvent):
        shelf.store.parse_notice(body)


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
                queue.bury(message, "it was dead")
                buried = True
            else:
                queue.delete(message)
    assert buried
    assert queue.receive(1, 0, 1) == []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(settings: Settings | None, clock: Clock) -> Inbox:
    if settings is None:
        return MemoryInbox(clock)
    return DynamoInbox(
        Aws(settings).dynamodb(), settings.prefix, "test", claim_seconds=180, now=clock
    )


def test_an_effect_is_claimed_by_one_and_done_once(inbox: Inbox) -> None:
    event_id = new_id()
    assert inbox.claim(event_id) is Claim.OURS
    assert inbox.claim(event_id) is Claim.TAKEN
    inbox.settle(event_id)
    assert inbox.claim(event_id) is Claim.DONE


def test_a_claim_that_was_never_settled_can_be_taken_over(inbox: Inbox, clock: Clock) -> None:
    event_id = new_id()
    assert inbox.claim(event_id) is Claim.OURS
    clock.time += timedelta(seconds=inbox.claim_seconds + 2)
    assert inbox.claim(event_id) is Claim.OURS
    inbox.settle(event_id)
    clock.time += timedelta(days=1)
    assert inbox.claim(event_id) is Claim.DONE


@pytest.fixture
def profiles(settings: Settings | None) -> ProfileTable:
    if settings is None:
        return MemoryProfileTable()
    return DynamoProfileTable(Aws(settings).dynamodb(), settings.prefix)


def test_profiles_change_and_their_tokens_stay(profiles: ProfileTable) -> None:
    user = new_id()
    assert profiles.get(user) is None
    ada = Profile(user, "http://issuer", "sub", "ada@example.org", "Ada")
    profiles.remember(ada)
    token = ApiToken("f" * 64, "abcd", "2026-01-01T00:00:00+00:00")
    profiles.add_token(user, token)
    profiles.remember(Profile(user, "http://issuer", "sub", "new@example.org", "Ada L"))
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
    progress.tell(job_id, 0.25, 10, 1)
    progress.tell(job_id, 1.5, 20, 1)
    found = progress.get(job_id)
    assert found is not None
    assert (found.fraction, found.variants, found.attempt) == (1.0, 20, 1)
