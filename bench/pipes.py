"""``make bench-pipes``: publishing through a DynamoDB stream and an EventBridge pipe, and today's.

The same events are committed twice on MiniStack: once published and marked by us, once left to a
stream of the table and a pipe to SNS. Requests and delays are measured; costs are estimated from
AWS's list prices of us-east-1, as published in 2025, and its documented limits.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bench.lifecycle import table
from bench.scale.cost import SNS, WRITE_UNIT
from gas.aws.clients import Aws
from gas.domain.job_rules import Submit
from gas.events import CATALOGUE, Event, InputFile, Plan, new_id
from gas.eventstore.publisher import SnsEventBus
from gas.eventstore.repository import JOB, Repository, WriteContext
from gas.runtime.repositories import deferring_marks, utc_now, write_context_for
from gas.settings import Settings
from local.emulator_session import session
from local.ports import HOST, choose
from local.stack import CREDENTIALS, EMULATORS, REGION

_START_SECONDS = 60.0
_LONGEST_SECONDS = 120.0
_MARK_SECONDS = 1.0
_TYPE = "gas.job.submitted.v1"
# Of each event: the pipe bills 64 KB, SNS a GB of bodies that filters read, for each subscription.
_PIPE, _BODY_FILTER_GB = 0.40e-6, 0.09
_SUBSCRIPTIONS = 5
# Pipes reads each shard of a stream four times a second; Lambda's reads are free, others are not.
_STREAM_READ, _READS_A_MONTH = 0.02e-5, 4 * 86_400 * 30


@dataclass
class Way:
    """One way from the log to a queue: what it asked of AWS, and seconds until events arrived."""

    requests: Counter[str] = field(default_factory=Counter)
    committed: dict[str, float] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def delays(self) -> list[float]:
        """Seconds from each commit to the receipt, sorted."""
        return sorted(max(0.0, self.arrived[id] - at) for id, at in self.committed.items())


class NoBus:
    """A bus for events that somebody else publishes."""

    def publish(self, event: Event) -> None:
        """Leave it to the pipe."""


class NoMarks:
    """An outbox that somebody else empties."""

    def mark_published(self, stream: str, version: int) -> None:
        """Leave it."""


@contextmanager
def ministack(folder: Path) -> Iterator[str]:
    """The address of an emulator with streams and pipes, which runs until the block ends."""
    port = choose(("aws",), folder / "ports.json")["aws"]
    environment = {**os.environ, "BIND_HOST": HOST, "GATEWAY_PORT": str(port)}
    with (folder / "ministack.log").open("wb") as log:
        command = [str(EMULATORS / "ministack")]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            url = f"http://{HOST}:{port}"
            _wait_for(url)
            yield url
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            session(url).client("sqs").list_queues()
        except (BotoCoreError, ClientError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def make_tables(url: str, prefix: str) -> str:
    """The tables that a submission writes; returns the ARN of the stream of events."""
    dynamodb: Any = session(url).client("dynamodb")
    keys = {"events": ("stream", "version"), "jobs": ("user_id", "job_id")}
    for name, (first, second) in keys.items():
        kind = "N" if second == "version" else "S"
        made = dynamodb.create_table(
            TableName=f"{prefix}-{name}",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": first, "KeyType": "HASH"},
                {"AttributeName": second, "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": first, "AttributeType": "S"},
                {"AttributeName": second, "AttributeType": kind},
            ],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )["TableDescription"]
        if name == "events":
            stream = str(made["LatestStreamArn"])
    return stream


def subscribe(url: str, topic: str, queue: str, policy: dict[str, Any], scope: str) -> str:
    """A queue with that filter on the topic; its address."""
    sns: Any = session(url).client("sns")
    sqs: Any = session(url).client("sqs")
    queue_url = str(sqs.create_queue(QueueName=queue)["QueueUrl"])
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{REGION}:000000000000:{queue}",
        Attributes={
            "RawMessageDelivery": "true",
            "FilterPolicy": json.dumps(policy),
            "FilterPolicyScope": scope,
        },
    )
    return queue_url


def run(way: Way, url: str, queue_url: str, context: WriteContext, events: int) -> None:
    """Commit that many submissions, one after the other, and wait until all have arrived."""
    ended = threading.Event()
    reader = threading.Thread(target=_receive, args=(way, url, queue_url, ended), daemon=True)
    reader.start()
    jobs = Repository(JOB, context)
    for _ in range(events):
        job_id, user_id = new_id(), new_id()
        file = InputFile(bucket="b", key="k", size_bytes=1, etag="e", filename="my.vcf.gz")
        jobs.begin(job_id, Submit(job_id, user_id, file, "human-mt", Plan.FREE))
        way.committed[context.log.read(f"job/{job_id}")[0].id] = time.monotonic()
    deadline = time.monotonic() + _LONGEST_SECONDS
    while len(way.arrived) < events and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2 * _MARK_SECONDS)  # the last marks, and what is sent twice
    ended.set()
    reader.join(30)
    if len(way.arrived) < events:
        raise RuntimeError(f"{len(way.arrived)} of {events} events arrived")


def _receive(way: Way, url: str, queue_url: str, ended: threading.Event) -> None:
    sqs: Any = session(url).client("sqs")
    while not ended.is_set():
        answer = sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
            AttributeNames=["All"],
        )
        for message in answer.get("Messages", []):
            body = json.loads(message["Body"])
            image = body.get("dynamodb", {}).get("NewImage")
            text = image["event"]["S"] if image else message["Body"]
            way.arrived.setdefault(CATALOGUE.parse(text).id, time.monotonic())
            way.messages.append(message)
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


def counted(way: Way, settings: Settings) -> Aws:
    """Clients whose requests are counted; reads are the bench's own."""
    aws = Aws(settings)

    def count(model: Any, **_: Any) -> None:
        if model.name != "Query":
            way.requests[model.name] += 1

    aws.events.register("before-call.*.*", count)
    return aws


def ours(url: str, topic: str, settings: Settings, events: int) -> Way:
    """Today's way: publish after the commit, marks many at once."""
    way = Way()
    queue_url = subscribe(url, topic, "bench-ours", {"type": [_TYPE]}, "MessageAttributes")
    aws = counted(way, settings)
    context = deferring_marks(write_context_for("bench", settings, aws), _MARK_SECONDS)
    assert isinstance(context.bus, SnsEventBus)
    run(way, url, queue_url, context, events)
    return way


def piped(url: str, stream: str, settings: Settings, events: int) -> Way:
    """The other way: a pipe from the stream to a topic of its own, whose filters read bodies."""
    way = Way()
    topic = str(session(url).client("sns").create_topic(Name="bench-piped")["TopicArn"])
    policy = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"type": {"S": [_TYPE]}}}}
    queue_url = subscribe(url, topic, "bench-piped", policy, "MessageBody")
    pipes: Any = session(url).client("pipes")
    pipes.create_pipe(
        Name="bench",
        Source=stream,
        Target=topic,
        RoleArn="arn:aws:iam::000000000000:role/bench",
        SourceParameters={"DynamoDBStreamParameters": {"StartingPosition": "LATEST"}},
    )
    aws = counted(way, settings)
    plain = write_context_for("bench", settings, aws)
    context = WriteContext(plain.log, NoBus(), utc_now, new_id, "/gas/bench", marks=NoMarks())
    run(way, url, queue_url, context, events)
    return way


def report(name: str, way: Way) -> None:
    """Print what was measured of one way."""
    delays, count = way.delays, len(way.committed)
    first = way.messages[0]
    rows = [(f"{call} an event", f"{n / count:.2f}") for call, n in sorted(way.requests.items())]
    rows += [
        ("seconds from commit to receipt, median", f"{statistics.median(delays):.2f}"),
        ("95 of 100", f"{delays[int(0.95 * (len(delays) - 1))]:.2f}"),
        ("worst", f"{delays[-1]:.2f}"),
        ("messages an event", f"{len(way.messages) / count:.2f}"),
        ("bytes of a message", f"{_bytes_of(way):.0f}"),
        ("attributes of a message", ", ".join(first.get("MessageAttributes", {})) or "none"),
        ("its message group", first.get("Attributes", {}).get("MessageGroupId", "none")[:8]),
    ]
    table(name, rows)


def _bytes_of(way: Way) -> float:
    """The median size of a message."""
    return statistics.median(len(message["Body"].encode()) for message in way.messages)


def estimate(event_bytes: float, record_bytes: float) -> None:
    """Print what a million events cost on AWS each way, beyond their append."""
    units = -(-int(event_bytes) // 1024)  # an update is billed by the size of its item
    mark = WRITE_UNIT * (units + 2)  # its item, and the index of the outbox: put and deleted
    filters = _BODY_FILTER_GB * _SUBSCRIPTIONS * record_bytes / 1e9
    table(
        f"a million events of {event_bytes:.0f} bytes on AWS, US dollars, not measured",
        [
            ("ours: SNS, one event a request", f"{SNS * 1e6:.2f}"),
            ("ours: the mark, put and removed", f"{mark * 1e6:.2f}"),
            ("pipe: one event a request", f"{_PIPE * 1e6:.2f}"),
            ("pipe: SNS", f"{SNS * 1e6:.2f}"),
            (f"pipe: filters of {_SUBSCRIPTIONS} subscriptions on bodies", f"{filters * 1e6:.2f}"),
            (
                "pipe: reads of a shard, a month, if they are billed",
                f"{_STREAM_READ * _READS_A_MONTH:.2f}",
            ),
        ],
    )


def main() -> int:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100)
    events = parser.parse_args().events
    os.environ.update(CREDENTIALS)
    with tempfile.TemporaryDirectory() as name, ministack(Path(name)) as url:
        settings = Settings(endpoint_url=url, region=REGION, prefix="bench")
        stream = make_tables(url, settings.prefix)
        sns: Any = session(url).client("sns")
        topic = str(sns.create_topic(Name=settings.named("events"))["TopicArn"])
        before = ours(url, topic, settings, events)
        after = piped(url, stream, settings, events)
        report(f"published and marked by us, {events} events", before)
        report(f"stream, pipe and SNS, {events} events", after)
        estimate(_bytes_of(before), _bytes_of(after))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
