"""The platform's pieces together on the emulator: template, topics, dead letters, projections."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
from botocore.exceptions import ClientError

from gas.archive.s3 import S3ArchiveStore
from gas.aws.clients import Aws
from gas.domain.account import Register, Upgrade
from gas.domain.job import JobStatus
from gas.domain.job_rules import Cancel, Fail, Start, Submit
from gas.events import ArchiveCopy, FailureCode, InputFile, Plan, Tier, new_id
from gas.eventstore.outbox_relay import OutboxRelay
from gas.eventstore.projections import ProjectionTables
from gas.eventstore.rebuild import rebuild, verify
from gas.eventstore.rows import Row, job_row
from gas.messaging.consumer import Consumer
from gas.messaging.dead_letters import DeadLetters, reopen
from gas.messaging.delivery import ConsumerPolicy, GivenUpHandler, ignore_given_up
from gas.messaging.effect_claims import DynamoEffectClaims
from gas.messaging.event_handlers import event_handler
from gas.messaging.queue import SqsQueue
from gas.runtime.repositories import account_repository, job_repository, utc_now, write_context_for
from gas.settings import Settings
from gas.tables.accounts import DynamoAccountTable
from gas.tables.jobs import DynamoJobTable
from gas.tables.profiles import DynamoProfileTable, Profile
from local.client import mails_to
from local.deploy import deploy
from notifier.handler import Ports, SesMailSender, handle
from web.jobs.storage import S3Storage

pytestmark = pytest.mark.integration
QUICK = ConsumerPolicy(concurrency=2, poll_seconds=1, visibility_seconds=10, retry_seconds=0.1)


class Place:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.aws = Aws(settings)
        self.write_context = write_context_for("test", settings, self.aws)
        self.jobs = job_repository(self.write_context)
        self.accounts = account_repository(self.write_context)
        self.tables = ProjectionTables(self.aws.dynamodb(), settings.prefix)

    def queue(self, name: str) -> SqsQueue:
        return SqsQueue(self.aws.sqs(), self.settings.named(name))

    def drain(self, name: str) -> list[dict[str, object]]:
        queue, found = self.queue(name), []
        while messages := queue.receive(10, 1, 30):
            for message in messages:
                found.append(json.loads(message.body))
                queue.delete(message)
        return found

    def submitted(self) -> tuple[str, str]:
        user, job_id = new_id(), new_id()
        self.accounts.execute(user, Register(user))
        file = InputFile(bucket="b", key="k", size_bytes=1, etag="e", filename="f")
        self.jobs.execute(job_id, Submit(job_id, user, file, "human-mt", Plan.FREE))
        return user, job_id


@pytest.fixture
def place(installation: Settings) -> Place:
    return Place(installation)


def eventually(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def test_deploying_the_template_again_changes_nothing(place: Place) -> None:
    user, _ = place.submitted()
    deploy(place.settings, "http://127.0.0.1:5000")
    assert place.accounts.load(user) is not None
    place.drain("annotator")


def test_each_queue_gets_the_events_that_it_wants_and_no_others(place: Place) -> None:
    for name in ("annotator", "archiver", "restorer", "notifier"):
        place.drain(name)
    user, job_id = place.submitted()
    place.jobs.execute(job_id, Start("e", "b"))
    place.jobs.execute(job_id, Cancel("u", "r"))
    place.accounts.execute(user, Upgrade("p"))
    assert [event["type"] for event in place.drain("annotator")] == ["gas.job.submitted.v1"]
    assert [event["type"] for event in place.drain("restorer")] == ["gas.account.upgraded.v1"]
    assert place.drain("notifier") == []
    assert place.drain("archiver") == []


def consume_until(
    queue: SqsQueue,
    handle: Callable[[str], None],
    condition: Callable[[], object],
    give_up: GivenUpHandler = ignore_given_up,
) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=Consumer(queue, handle, QUICK, give_up).run, args=(stop,))
    thread.start()
    try:
        eventually(condition)
    finally:
        stop.set()
        thread.join(20)


def test_a_message_that_is_no_event_goes_to_the_dead_letters_with_the_reason(place: Place) -> None:
    queue = place.queue("restorer")
    letters = DeadLetters(place.aws.sqs(), queue.name)
    queue.send("not an event")
    handle = event_handler(lambda event: None)
    consume_until(queue, handle, lambda: letters.count() == 1)
    (letter,) = letters.peek(10)
    assert letter.body == "not an event"
    assert "not a JSON object" in (letter.reason or "")


def test_an_event_of_an_unknown_version_is_kept_and_can_be_sent_back(place: Place) -> None:
    place.submitted()
    (event,) = place.drain("annotator")
    queue = place.queue("notifier")
    letters = DeadLetters(place.aws.sqs(), queue.name)
    queue.send(json.dumps({**event, "type": "gas.job.submitted.v9"}))
    handled: list[str] = []
    handle = event_handler(lambda event: handled.append(event.id))
    consume_until(queue, handle, lambda: letters.count() == 1)
    assert handled == []
    (letter,) = letters.peek(10)
    assert "UnknownEventType" in (letter.reason or "")
    time.sleep(6)  # it is hidden while it is looked at
    assert letters.redrive("another", lambda _: None) == 0
    assert letters.redrive(letter.id, lambda _: None) == 1
    assert letters.count() == 0
    (back,) = place.drain("notifier")
    assert back["type"] == "gas.job.submitted.v9"


def test_a_job_given_up_by_mistake_is_opened_again_by_sending_its_message_back(
    place: Place,
) -> None:
    _, job_id = place.submitted()
    queue = place.queue("annotator")
    letters = DeadLetters(place.aws.sqs(), queue.name)

    def give_up(body: str, reason: str) -> None:
        place.jobs.execute(job_id, Fail(FailureCode.INTERNAL, "sorry"))

    def handle(body: str) -> None:
        raise OSError("no disk")

    consume_until(queue, handle, lambda: letters.count() == 1, give_up)
    assert letters.redrive(None, lambda message: reopen(message, place.jobs)) == 1
    job = place.jobs.load(job_id)
    assert job
    assert job.status is JobStatus.SUBMITTED
    assert [event["type"] for event in place.drain("annotator")] == ["gas.job.submitted.v1"]


def test_a_dead_letter_can_be_thrown_away(place: Place) -> None:
    letters = DeadLetters(place.aws.sqs(), place.queue("restorer").name)
    letters.discard(None)
    dead = SqsQueue(place.aws.sqs(), place.settings.named("restorer-dlq"))
    for body in ("one", "two", "three"):
        dead.send(body)
    first = next(letters.peek(1))
    time.sleep(6)
    assert letters.discard(first.id) == 1
    assert letters.count() == 2
    assert letters.discard(None) == 2
    assert letters.count() == 0


def test_what_a_crash_left_unpublished_is_relayed(place: Place) -> None:
    place.drain("annotator")
    silent = job_repository(
        type(place.write_context)(
            place.write_context.log,
            Crash(),
            place.write_context.now,
            place.write_context.new_id,
            "/gas/test",
        )
    )
    job_id = new_id()
    file = InputFile(bucket="b", key="k", size_bytes=1, etag="e", filename="f")
    with pytest.raises(ProcessDied):
        silent.execute(job_id, Submit(job_id, new_id(), file, "human-mt", Plan.FREE))
    assert place.drain("annotator") == []
    late = OutboxRelay(
        place.write_context.log,
        place.write_context.bus,
        seconds=10,
        now=lambda: utc_now() + timedelta(minutes=1),
    )
    eventually(lambda: late.sweep() == 1)
    assert [event["subject"] for event in place.drain("annotator")] == [f"job/{job_id}"]
    assert late.sweep() == 0


class ProcessDied(BaseException):
    pass


class Crash:
    def publish(self, event: object) -> None:
        raise ProcessDied


def operator(place: Place, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "GAS_PREFIX": place.settings.prefix,
        "AWS_ENDPOINT_URL": place.settings.endpoint_url or "",
    }
    return subprocess.run(
        [sys.executable, "-m", "gas", *words],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )


def test_projections_are_rebuilt_from_nothing_and_verified(place: Place) -> None:
    made = [place.submitted() for _ in range(5)]
    for _, job_id in made[:3]:
        place.jobs.execute(job_id, Start("e", "b"))
    rows = list(place.tables.rows())
    assert len(rows) >= 10
    for row in rows:
        place.tables.delete(row)
    broken = operator(place, "verify")
    assert broken.returncode == 1
    assert "the row is missing" in broken.stdout
    again = operator(place, "rebuild")
    assert again.returncode == 0, again.stderr
    assert f"{len(rows)} rows written" in again.stdout
    assert operator(place, "verify").stdout == "no difference\n"
    assert operator(place, "verify").returncode == 0


def test_verify_finds_rows_that_differ_or_should_not_be(place: Place) -> None:
    _, job_id = place.submitted()
    job = place.jobs.load(job_id)
    assert job is not None

    wrong = job_row(replace(job, bundle="martian"))
    place.tables.put(wrong)
    ghost = Row("accounts", {"user_id": "ghost"}, {**job_row(job).item, "user_id": {"S": "ghost"}})
    place.tables.put(ghost)
    found = {
        difference.stream: difference.what
        for difference in verify(place.write_context.log, place.tables)
    }
    assert found == {
        f"job/{job_id}": "the row differs in bundle",
        "account/ghost": "the row has no events",
    }
    _, dropped = rebuild(place.write_context.log, place.tables)
    assert dropped == 1
    assert list(verify(place.write_context.log, place.tables)) == []


def test_the_operator_reads_a_jobs_events(place: Place) -> None:
    _, job_id = place.submitted()
    shown = operator(place, "events", job_id)
    assert json.loads(shown.stdout)["subject"] == f"job/{job_id}"
    assert operator(place, "events", "nothing").returncode == 1
    assert operator(place, "dlq", "list", "annotator").returncode == 0


def test_s3_takes_the_promised_upload_and_nothing_else(place: Place) -> None:
    inputs = place.settings.bucket("inputs")
    storage = S3Storage(place.aws.s3(), inputs, place.settings.bucket("results"))
    form = storage.upload_form("u/1", 100)

    def post(fields: dict[str, str], size: int) -> int:
        files = {"file": ("a.vcf", b"x" * size)}
        return requests.post(form["url"], data=fields, files=files, timeout=30).status_code

    assert post(form["fields"], 101) == 400
    assert post({**form["fields"], "key": "u/2"}, 10) == 403
    assert post(form["fields"], 100) == 204


class Refusing:
    """An S3 client that has no expedited capacity, which no emulator plays."""

    def __init__(self, client: object) -> None:
        self._client = client
        self.tiers: list[str] = []

    def restore_object(self, **request: object) -> object:
        tier = request["RestoreRequest"]["GlacierJobParameters"]["Tier"]  # type: ignore[index]
        self.tiers.append(tier)
        if tier == "Expedited":
            error = {"Error": {"Code": "GlacierExpeditedRetrievalNotAvailable", "Message": "no"}}
            raise ClientError(error, "RestoreObject")  # type: ignore[arg-type]
        return self._client.restore_object(**request)  # type: ignore[attr-defined]


def test_a_refused_expedited_restore_becomes_a_standard_one(place: Place) -> None:
    s3, bucket = place.aws.s3(), place.settings.bucket("archive")
    s3.put_object(Bucket=bucket, Key="u/j/1/f", Body=b"x", StorageClass="GLACIER")
    asking = Refusing(s3)
    store = S3ArchiveStore(
        s3,
        asking,  # type: ignore[arg-type]
        warm_bucket=place.settings.bucket("results"),
        cold_bucket=bucket,
        tier=Tier.EXPEDITED,
        now=utc_now,
        new_id=new_id,
    )
    copy = ArchiveCopy(store="s3", archive_id="u/j/1/f", size_bytes=1, sha256="0" * 64)
    promise = store.request_restore("u", "j", copy)
    assert promise.tier is Tier.STANDARD
    assert asking.tiers == ["Expedited", "Standard"]
    assert promise.expected_by - utc_now() > timedelta(hours=5)


def test_the_test_event_of_s3_announces_nothing(place: Place) -> None:
    store = S3ArchiveStore(
        place.aws.s3(),
        place.aws.s3(),
        warm_bucket="w",
        cold_bucket="c",
        tier=Tier.STANDARD,
        now=utc_now,
        new_id=new_id,
    )
    assert store.parse_notice('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"c"}') == []
    other = {
        "eventName": "ObjectRestore:Post",
        "s3": {"bucket": {"name": "c"}, "object": {"key": "a/b/c/d"}},
    }
    assert store.parse_notice(json.dumps({"Records": [other]})) == []
    done = {
        "eventName": "ObjectRestore:Completed",
        "s3": {"bucket": {"name": "c"}, "object": {"key": "u/j/1/my+file%C3%A9.vcf"}},
    }
    (notice,) = store.parse_notice(json.dumps({"Records": [done]}))
    assert (notice.job_id, notice.archive_id) == ("j", "u/j/1/my fileé.vcf")


def test_mail_goes_out_by_ses_and_once(place: Place) -> None:
    user, job_id = place.submitted()
    address = f"{user}@example.org"
    dynamodb, prefix = place.aws.dynamodb(), place.settings.prefix
    profiles = DynamoProfileTable(dynamodb, prefix)
    profiles.save(Profile(user, "i", "s", address, "Zoë"))
    place.aws.ses().verify_email_identity(EmailAddress="gas@localhost.localdomain")
    ports = Ports(
        job_table=DynamoJobTable(dynamodb, prefix),
        account_table=DynamoAccountTable(dynamodb, prefix),
        profiles=profiles,
        effect_claims=DynamoEffectClaims(
            dynamodb, prefix, "notifier", claim_seconds=180, now=utc_now
        ),
        mail_sender=SesMailSender(place.aws.ses()),
        public_url="http://gas",
        mail_from="gas@localhost.localdomain",
        now=utc_now,
    )
    place.jobs.execute(job_id, Fail(FailureCode.NOT_VCF, "This is not a VCF file.", 1))
    event = place.write_context.log.read(f"job/{job_id}")[-1]
    handle(event, ports)
    handle(event, ports)
    mails = mails_to(place.settings.endpoint_url or "", address)
    assert len(mails) == 1
    subject, text = mails[0]
    assert subject == "f could not be annotated"
    assert "not_vcf" in text
    assert f"http://gas/jobs/{job_id}" in text
