"""``make bench-restores JOBS=20000``: a user with that many archived jobs upgrades.

The restorer is killed in the middle. Measures the time and the restorer's memory; checks that every
job is restored, and none is requested or restored twice.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import signal
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.lifecycle import table, user
from gas.aws.clients import Aws
from gas.aws.items import Item
from gas.domain.job_rules import Archive, Complete, Start, Submit
from gas.events import ArchiveCopy, InputFile, Plan, ResultFile, ResultKind, new_id
from gas.eventstore.dynamo_log import DynamoEventLog
from gas.eventstore.repository import JOB, Repository, WriteContext
from gas.eventstore.rows import job_row
from gas.memory.log import MemoryDatabase, MemoryEventLog
from gas.memory.publisher import MemoryEventBus
from gas.runtime.repositories import utc_now
from gas.settings import Settings
from local.client import Client, mails_to
from local.demo import end_on_sigterm, running_stack
from local.stack import Stack, use_environment

_BATCH = 25  # DynamoDB writes no more items in one request
_CONTENT = b"result"
_POLL_SECONDS = 20.0
_TIMEOUT_SECONDS = 7200.0


class Factory:
    """Writes archived jobs directly: events, projection row and cold copy."""

    def __init__(self, settings: Settings, user_id: str) -> None:
        aws = Aws(settings)
        self._user_id = user_id
        self._dynamodb, self._s3 = aws.dynamodb(), aws.s3()
        self._settings = settings
        self._log = DynamoEventLog(self._dynamodb, settings.prefix)
        database = MemoryDatabase()
        self._events = MemoryEventLog(database)
        write_context = WriteContext(self._events, MemoryEventBus(), utc_now, new_id, "/gas/bench")
        self._jobs = Repository(JOB, write_context)

    def make(self, count: int) -> None:
        """Write ``count`` archived jobs, in batches, on four threads."""
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self._batch, [min(_BATCH, count - n) for n in range(0, count, _BATCH)]))

    def _batch(self, count: int) -> None:
        rows: list[Item] = []
        events: list[Item] = []
        for _ in range(count):
            job_id = self._archived_job()
            for event in self._events.read(f"job/{job_id}"):
                item: Item = self._log._put_event(event)["Put"]["Item"]
                item.pop("unpublished")  # or the relay would publish it
                events.append(item)
            job = self._jobs.load(job_id)
            assert job
            rows.append(job_row(job).item)
        for table_, items in (("events", events), ("jobs", rows)):
            for start in range(0, len(items), _BATCH):
                requests: Any = [{"PutRequest": {"Item": item}} for item in items[start:][:_BATCH]]
                self._dynamodb.batch_write_item(
                    RequestItems={self._settings.named(table_): requests}
                )

    def _archived_job(self) -> str:
        job_id, user_id = new_id(), self._user_id
        digest = hashlib.sha256(_CONTENT).hexdigest()
        size = len(_CONTENT)
        key = f"{user_id}/{job_id}/{new_id()}/my.annot.vcf.gz"
        self._s3.put_object(
            Bucket=self._settings.bucket("archive"),
            Key=key,
            Body=_CONTENT,
            StorageClass="GLACIER",
            ChecksumAlgorithm="SHA256",
        )
        files = tuple(
            ResultFile(kind=kind, key=f"{key}.{kind}", size_bytes=size, sha256=digest)
            for kind in (ResultKind.VCF, ResultKind.SUMMARY)
        )
        upload = InputFile(bucket="b", key="k", size_bytes=size, etag="e", filename="my.vcf")
        copy = ArchiveCopy(store="s3", archive_id=key, size_bytes=size, sha256=digest)
        for command in (
            Submit(job_id, user_id, upload, "human-mt", Plan.FREE),
            Start("engine/1", "human-mt@1"),
            Complete(files, {"records": 1}, 0.1, utc_now()),
            Archive(copy),
        ):
            self._jobs.execute(job_id, command)
        return job_id


def count_events(settings: Settings) -> Counter[str]:
    """The number of events in the log by type."""
    pages = (
        Aws(settings)
        .dynamodb()
        .get_paginator("scan")
        .paginate(
            TableName=settings.named("events"),
            ProjectionExpression="#type",
            ExpressionAttributeNames={"#type": "type"},
        )
    )
    return Counter(item["type"]["S"] for page in pages for item in page["Items"])


def resident_megabytes(pid: int) -> float:
    """The resident memory of a process now, in MiB; 0 if it does not exist."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line) / 1024


def restore_all(stack: Stack, client: Client, count: int) -> list[tuple[str, str]]:
    """Upgrade, kill the restorer in the middle, wait for all restores; returns a table's rows.

    Raises RuntimeError if a job is missing or came twice.
    """
    settings = Settings()
    before = count_events(settings)
    began = time.monotonic()
    client.call("POST", "/account/upgrade")
    memory: list[tuple[int, float]] = []
    killed, pause = False, _POLL_SECONDS
    all_requested_after = 0.0
    while True:
        time.sleep(pause)
        counting_since = time.monotonic()
        events = count_events(settings) - before
        # Counting reads the whole log: without longer pauses it would be most of the load.
        pause = max(_POLL_SECONDS, 10 * (time.monotonic() - counting_since))
        requested, restored = events["gas.job.restore_requested.v1"], events["gas.job.restored.v1"]
        memory.append((requested, resident_megabytes(stack.pid_of("restorer"))))
        seconds = time.monotonic() - began
        print(f"{seconds:6.0f} s  {requested:6} requested, {restored:6} restored", flush=True)
        if not killed and requested > count / 2:
            os.kill(stack.pid_of("restorer"), signal.SIGKILL)
            killed = True
        if requested >= count - 4:  # a few may have no event of their own: see below
            all_requested_after = all_requested_after or seconds
        if restored >= count:
            break
        if seconds > _TIMEOUT_SECONDS:
            raise RuntimeError(f"{count - restored} jobs were not restored")
    time.sleep(10)  # duplicates have arrived by then
    events = count_events(settings) - before
    # A notice may overtake the append of its request, so some jobs have no restore_requested.
    requested, restored = events["gas.job.restore_requested.v1"], events["gas.job.restored.v1"]
    if restored != count or requested > count:
        raise RuntimeError(f"not exactly once: {events}")
    early = [used for requested, used in memory if 0 < requested <= count / 4]
    late = [used for requested, used in memory if requested > 3 * count / 4 and used]
    return [
        ("seconds until all were requested", f"{all_requested_after:.0f}"),
        ("seconds until all were restored", f"{seconds:.0f}"),
        ("restorer's peak memory in the first quarter", f"{max(early, default=0):.0f} MB"),
        ("restorer's peak memory in the last quarter", f"{max(late, default=0):.0f} MB"),
        ("jobs requested, restored, each once", f"{requested:,}, {restored:,}"),
    ]


def main() -> int:
    """Measure, check and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=20_000)
    count = parser.parse_args().jobs
    end_on_sigterm()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_stack(folder / "stack", 900) as stack:
            use_environment(stack)
            client = user(stack, "many")
            Factory(Settings(), client.get("/account")["user_id"]).make(count)
            print(f"{count:,} archived jobs are written", flush=True)
            rows = restore_all(stack, client, count)
            mails = mails_to(stack.aws_url, "many@example.org")
            rows.append(("mails to the user", f"{len(mails):,}"))
    table(f"{count:,} archived jobs, an upgrade, the restorer killed in the middle", rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
