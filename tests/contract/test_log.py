"""The event log, its projections and uploads: the same contract in DynamoDB and in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ConnectionClosedError

from gas.aws.clients import Aws
from gas.domain.account import Downgrade, Register, Upgrade
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import (
    Archive,
    Cancel,
    Complete,
    JobCommand,
    RequestRestore,
    Restore,
    Start,
    Submit,
)
from gas.events import ArchiveCopy, Event, InputFile, Plan, ResultFile, ResultKind, Tier, new_id
from gas.eventstore.dynamo_log import DynamoEventLog
from gas.eventstore.guards import ClaimKey, ClaimUpload, GuardFailed, PlanIs
from gas.eventstore.log import Conflict, EventLog
from gas.eventstore.repository import (
    ACCOUNT,
    JOB,
    AccountRepository,
    JobRepository,
    Repository,
    WriteContext,
)
from gas.eventstore.rows import account_row, job_row
from gas.memory.log import MemoryDatabase, MemoryEventLog
from gas.memory.tables import MemoryAccountTable, MemoryJobTable, MemoryUploadTable
from gas.runtime.repositories import utc_now
from gas.settings import Settings
from gas.tables.accounts import AccountTable, DynamoAccountTable
from gas.tables.jobs import BadCursor, DynamoJobTable, JobTable
from gas.tables.uploads import DynamoUploadTable, Upload, UploadTable

COPY = ArchiveCopy(store="s3", archive_id="cold", size_bytes=1, sha256="0" * 64)
FILES = tuple(
    ResultFile(kind=kind, key=f"k/{kind}", size_bytes=1, sha256="a" * 64) for kind in ResultKind
)
BACK = Restore(FILES[0].model_copy(update={"key": "new"}))


class Silence:
    def publish(self, event: Event) -> None:
        pass


@dataclass
class Place:
    log: EventLog
    job_table: JobTable
    account_table: AccountTable
    uploads: UploadTable
    make_log: Callable[[], EventLog]

    @property
    def write_context(self) -> WriteContext:
        return WriteContext(self.log, Silence(), utc_now, new_id, "/gas/test")

    @property
    def jobs(self) -> JobRepository:
        return Repository(JOB, self.write_context)

    @property
    def accounts(self) -> AccountRepository:
        return Repository(ACCOUNT, self.write_context)

    def user(self) -> str:
        user_id = new_id()
        self.accounts.execute(user_id, Register(user_id))
        return user_id

    def submitted(self, user_id: str) -> Job:
        job_id = new_id()
        return self.jobs.execute(job_id, submit(job_id, user_id))


def submit(job_id: str, user_id: str) -> Submit:
    file = InputFile(bucket="b", key="k", size_bytes=1, etag="e", filename="f.vcf")
    return Submit(job_id, user_id, file, "human-mt", Plan.FREE)


def away_and_asked_for() -> tuple[JobCommand, ...]:
    """A life until cold storage is asked for the result."""
    return (
        Start("e", "b"),
        Complete(FILES, {"records": 7}, 0.25, utc_now()),
        Archive(COPY),
        RequestRestore(Tier.STANDARD, utc_now()),
    )


@pytest.fixture(params=["memory", pytest.param("dynamodb", marks=pytest.mark.integration)])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "memory":
        db = MemoryDatabase()
        log = MemoryEventLog(db)
        tables = MemoryJobTable(db), MemoryAccountTable(db), MemoryUploadTable(db)
        return Place(log, *tables, lambda: log)
    settings: Settings = request.getfixturevalue("installation")
    client = Aws(settings).dynamodb()
    return Place(
        DynamoEventLog(client, settings.prefix),
        DynamoJobTable(client, settings.prefix),
        DynamoAccountTable(client, settings.prefix),
        DynamoUploadTable(client, settings.prefix),
        lambda: DynamoEventLog(Aws(settings).dynamodb(), settings.prefix),
    )


def test_what_was_appended_is_read_in_order(place: Place) -> None:
    job = place.submitted(place.user())
    place.jobs.execute(job.job_id, Start("e", "b"))
    place.jobs.execute(job.job_id, Start("e", "b"))
    events = place.log.read(f"job/{job.job_id}")
    assert [event.streamversion for event in events] == [1, 2, 3]
    assert place.log.read("job/nothing") == []


def test_event_and_projection_are_committed_together(place: Place) -> None:
    user = place.user()
    job = place.submitted(user)
    assert place.job_table.get(user, job.job_id) == job
    started = place.jobs.execute(job.job_id, Start("e", "b"))
    assert place.job_table.get(user, job.job_id) == started
    account = place.accounts.load(user)
    assert place.account_table.get(user) == account
    assert place.job_table.get(place.user(), job.job_id) is None


def test_a_version_is_written_once(place: Place) -> None:
    user = place.user()
    job = place.submitted(user)
    event = place.log.read(f"job/{job.job_id}")[0].model_copy(update={"id": new_id()})
    with pytest.raises(Conflict):
        place.log.append([event], job_row(job))


def test_of_many_writers_of_one_version_one_wins(place: Place) -> None:
    user = place.user()
    account = place.accounts.load(user)
    assert account is not None
    outcomes: list[str] = []

    def write(number: int) -> None:
        log = place.make_log()
        write_context = WriteContext(log, Silence(), utc_now, new_id, f"/gas/{number}")
        body = ACCOUNT.decide(account, Upgrade(f"p{number}"))[0]
        event = Event.of(
            body,
            id=write_context.new_id(),
            time=write_context.now(),
            source=write_context.source,
            streamversion=2,
        )
        try:
            log.append([event], account_row(ACCOUNT.evolve(account, event)))
            outcomes.append("won")
        except Conflict:
            outcomes.append("lost")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["lost"] * 7 + ["won"]
    assert len(place.log.read(f"account/{user}")) == 2


def test_the_plan_guard_holds_at_the_moment_of_the_commit(place: Place) -> None:
    user = place.user()
    job = place.submitted(user)
    place.accounts.execute(user, Upgrade("p"))
    with pytest.raises(GuardFailed):
        place.jobs.execute(job.job_id, Start("e", "b"), guards=[PlanIs(user, Plan.FREE, 1)])
    assert place.job_table.get(user, job.job_id) == job
    assert len(place.log.read(f"job/{job.job_id}")) == 1
    after = place.jobs.execute(job.job_id, Start("e", "b"), guards=[PlanIs(user, Plan.PREMIUM, 2)])
    assert after.status is JobStatus.RUNNING


def test_a_plan_changed_and_changed_back_is_not_the_plan_that_was_decided_on(place: Place) -> None:
    user = place.user()
    job = place.submitted(user)
    place.accounts.execute(user, Upgrade("p"))
    place.accounts.execute(user, Downgrade("r"))
    with pytest.raises(GuardFailed):
        place.jobs.execute(job.job_id, Start("e", "b"), guards=[PlanIs(user, Plan.FREE, 1)])
    place.jobs.execute(job.job_id, Start("e", "b"), guards=[PlanIs(user, Plan.FREE, 3)])


def test_an_existing_version_is_told_before_a_failed_guard(place: Place) -> None:
    # It may be our own commit whose answer was lost, and the plan changed since.
    user = place.user()
    job = place.submitted(user)
    place.accounts.execute(user, Upgrade("p"))
    event = place.log.read(f"job/{job.job_id}")[0].model_copy(update={"id": new_id()})
    with pytest.raises(Conflict):
        place.log.append([event], job_row(job), [PlanIs(user, Plan.FREE, 1)])


def test_an_upload_becomes_one_job(place: Place) -> None:
    user = place.user()
    upload = Upload(new_id(), user, "key", "f.vcf", 1, expires_at=4_000_000_000)
    place.uploads.put(upload)
    assert place.uploads.get(upload.upload_id) == upload
    first, second = new_id(), new_id()
    claim = ClaimUpload(upload.upload_id, first)
    place.jobs.execute(first, submit(first, user), guards=[claim])
    claimed = place.uploads.get(upload.upload_id)
    assert claimed is not None
    assert (claimed.job_id, claimed.expires_at) == (first, None)
    with pytest.raises(GuardFailed) as failed:
        place.jobs.execute(
            second, submit(second, user), guards=[ClaimUpload(upload.upload_id, second)]
        )
    assert isinstance(failed.value.guard, ClaimUpload)
    assert place.log.read(f"job/{second}") == []
    assert place.uploads.get("nothing") is None


def test_an_idempotency_key_stands_for_one_job(place: Place) -> None:
    user = place.user()
    first, second = new_id(), new_id()
    key = ClaimKey(user, "k", first, 4_000_000_000)
    place.jobs.execute(first, submit(first, user), guards=[key])
    assert place.uploads.job_of_key(user, "k") == first
    assert place.uploads.job_of_key(user, "other") is None
    assert place.uploads.job_of_key(place.user(), "k") is None
    again = ClaimKey(user, "k", second, 4_000_000_000)
    with pytest.raises(GuardFailed):
        place.jobs.execute(second, submit(second, user), guards=[again])


def test_the_outbox_holds_an_event_until_it_is_published(place: Place) -> None:
    silent = Repository(ACCOUNT, WriteContext(place.log, Broken(), utc_now, new_id, "/gas/test"))
    user = new_id()
    silent.execute(user, Register(user))
    soon = datetime.now(UTC) + timedelta(seconds=5)

    def waiting() -> list[str]:
        return [event.subject for event in place.log.unpublished(soon, 1000)]

    assert f"account/{user}" in waiting()
    assert place.log.unpublished(datetime.now(UTC) - timedelta(minutes=1), 1000) == []
    event = place.log.read(f"account/{user}")[0]
    place.log.mark_published(event)
    place.log.mark_published(event)
    assert f"account/{user}" not in waiting()


class Broken:
    def publish(self, event: Event) -> None:
        raise ConnectionClosedError(endpoint_url="http://topic")


def test_pages_are_newest_first_without_gaps_or_repeats(place: Place) -> None:
    user, other = place.user(), place.user()
    made = [place.submitted(user).job_id for _ in range(11)]
    place.submitted(other)
    seen: list[str] = []
    cursor = None
    for _ in range(20):
        page = place.job_table.page(user, limit=4, cursor=cursor, status=None)
        assert len(page.jobs) <= 4
        seen += [job.job_id for job in page.jobs]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == made[::-1]


def test_a_filter_finds_the_few_among_the_many(place: Place) -> None:
    user = place.user()
    made = [place.submitted(user) for _ in range(12)]
    for job in made[::5]:
        place.jobs.execute(job.job_id, Cancel("u", "r"))
    page = place.job_table.page(user, limit=2, cursor=None, status=JobStatus.CANCELLED)
    assert [job.job_id for job in page.jobs] == [made[10].job_id, made[5].job_id]
    rest = place.job_table.page(user, limit=2, cursor=page.cursor, status=JobStatus.CANCELLED)
    assert [job.job_id for job in rest.jobs] == [made[0].job_id]
    cancelled = [job.job_id for job in place.job_table.with_status(user, JobStatus.CANCELLED)]
    assert cancelled == [made[0].job_id, made[5].job_id, made[10].job_id]


def test_a_cursor_of_ones_own_making_is_refused(place: Place) -> None:
    with pytest.raises(BadCursor):
        place.job_table.page(place.user(), limit=2, cursor="né", status=None)


def test_every_stream_is_listed(place: Place) -> None:
    user = place.user()
    job = place.submitted(user)
    place.jobs.execute(job.job_id, Start("e", "b"))
    streams = list(place.log.streams())
    assert f"account/{user}" in streams
    assert streams.count(f"job/{job.job_id}") == 1


def test_what_a_user_has_in_cold_storage_is_found_until_it_is_back(place: Place) -> None:
    user, other = place.user(), place.user()
    jobs = [place.submitted(owner) for owner in (user, user, user, other)]
    for job in jobs:
        for command in away_and_asked_for()[: -1 if job is jobs[1] else None]:
            place.jobs.execute(job.job_id, command)
    waiting = place.submitted(user)
    ids = [job.job_id for job in jobs]
    assert place.job_table.cold(user, 10) == ids[:3]
    assert place.job_table.cold(user, 2) == ids[:2]
    assert place.job_table.waiting(user, waiting.lane, 10) == [waiting.job_id]
    place.jobs.execute(ids[0], BACK)
    assert place.job_table.cold(user, 10) == ids[1:3]


def test_results_that_came_back_are_found_in_the_order_in_which_they_did(place: Place) -> None:
    user = place.user()
    jobs = [place.submitted(user) for _ in range(3)]
    for job in jobs:
        for command in away_and_asked_for():
            place.jobs.execute(job.job_id, command)
    came = [jobs[1].job_id, jobs[0].job_id, jobs[2].job_id]
    for id in came:
        place.jobs.execute(id, BACK)
    times = [place.log.read(f"job/{id}")[-1].time for id in came]

    def after(n: int, limit: int = 10) -> list[str]:
        return place.job_table.restored_after(user, times[n], came[n], limit)

    assert [after(n) for n in range(3)] == [came[1:], came[2:], []]
    assert after(0, limit=1) == came[1:2]
    assert place.job_table.cold(user, 10) == []


def test_all_events_of_a_life_survive_storage(place: Place) -> None:
    user = place.user()
    job = place.submitted(user)
    for command in (*away_and_asked_for(), BACK):
        job = place.jobs.execute(job.job_id, command)
        assert place.jobs.load(job.job_id) == job
        assert place.job_table.get(user, job.job_id) == job
