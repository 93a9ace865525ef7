"""What must hold when a job in parts has ended, however often its workers died."""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pysam

from annotator.results import STORED
from gas.aws.clients import Aws
from gas.events import ResultKind
from gas.files.s3 import S3Files
from gas.messaging.dead_letters import QUEUES
from gas.messaging.executions import MACHINE
from gas.messaging.queue import SqsQueue
from gas.runtime.repositories import utc_now, write_context_for
from gas.runtime.worker import Stopping, Worker
from gas.settings import Settings
from local.client import Client, expect, mails_to
from reconciler.leftovers import delete_orphans
from reconciler.wiring import ports_of
from restorer.settings import RestorerSettings
from tests.support.mails import is_about_a_job

_QUIET_SECONDS = 90.0
_SWEPT_AFTER = timedelta(days=2)
_TIMES = {"started_at", "ended_at"}


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that is complete: who asks for it, and where its files are."""

    client: Client
    settings: Settings
    job_id: str

    @property
    def events(self) -> list[Any]:
        """Its events in their order."""
        return list(self.client.get(f"/jobs/{self.job_id}/events"))

    @property
    def results(self) -> dict[ResultKind, Any]:
        """Its result files as its last event names them, by their kind."""
        files = self.events[-1]["data"]["results"]
        return {ResultKind(file["kind"]): file for file in files}

    @property
    def prefix(self) -> str:
        """What the keys of everything that belongs to the job begin with."""
        key = str(self.results[ResultKind.VCF]["key"])
        return "/".join(key.split("/")[:2]) + "/"

    def bucket(self, name: str) -> S3Files:
        """One of the buckets."""
        return S3Files(Aws(self.settings).s3(), self.settings.bucket(name))

    def fetch(self, folder: Path) -> Path:
        """Write the result files into a folder, by the names that they have in a work folder."""
        folder.mkdir()
        bucket = self.bucket("results")
        for stored in STORED:
            key = self.results[stored.kind]["key"]
            (folder / stored.name).write_bytes(b"".join(bucket.stream(key)))
        return folder


def check_events(job: Ended) -> int:
    """Check that the job was submitted and completed once, with one plan; gives its parts.

    An attempt whose worker died between the event of its split and the start of its execution is
    followed by another that takes its plan. Raises Surprise.
    """
    found = Counter(event["type"].split(".")[2] for event in job.events)
    once = {"submitted": 1, "completed": 1}
    expect(once.items() <= found.items(), f"events of {job.job_id}: {found}")
    expect(found.keys() == {*once, "started", "split"}, f"events of {job.job_id}: {found}")
    expect(found["split"] <= found["started"], f"events of {job.job_id}: {found}")
    ids = [event["id"] for event in job.events]
    expect(len(set(ids)) == len(ids), f"an event is there twice: {ids}")
    splits = [e["data"] for e in job.events if e["type"].startswith("gas.job.split.")]
    plans = {(split["parts"], split["plan_key"]) for split in splits}
    expect(len(plans) == 1, f"plans of {job.job_id}: {plans}")
    return int(splits[0]["parts"])


def check_one_mail(job: Ended, aws_url: str, email: str) -> None:
    """Check that the user got one mail about the job. Raises Surprise."""
    mails = [
        subject
        for subject, text in mails_to(aws_url, email)
        if job.job_id in text and is_about_a_job(subject)
    ]
    expect(len(mails) == 1, f"mails about {job.job_id}: {mails}")


def check_same_bytes(job: Ended, twin: Ended) -> None:
    """Check that two jobs have the same files, but for the times that say when. Raises Surprise."""
    for kind, file in twin.results.items():
        if kind is not ResultKind.PROVENANCE:
            found = job.results[kind]
            same = (found["sha256"], found["size_bytes"]) == (file["sha256"], file["size_bytes"])
            expect(same, f"{kind} of {job.job_id} is not that of {twin.job_id}")


def check_as_one_task(found: Path, whole: Path) -> None:
    """Check that the files in a folder say, byte for byte, what those of one task say.

    Blocks and pages end where parts do, so packed files are compared unpacked. Raises Surprise.
    """
    for name in ("annotated.vcf.gz", "annotated.tsv.gz"):
        one, other = (gzip.decompress((folder / name).read_bytes()) for folder in (found, whole))
        expect(one == other, f"{name} is not that of one task")
    for name in ("count.log", "summary.json"):
        one, other = ((folder / name).read_bytes() for folder in (found, whole))
        expect(one == other, f"{name} is not that of one task")
    first, second = (_without_times(folder / "provenance.json") for folder in (found, whole))
    expect(first == second, f"provenance.json: {first}, of one task {second}")
    mine, theirs = (pq.read_table(folder / "variants.parquet") for folder in (found, whole))
    expect(mine.equals(theirs), "variants.parquet is not that of one task")
    expect(mine.schema.metadata == theirs.schema.metadata, "variants.parquet: other metadata")
    _check_index(found / "annotated.vcf.gz", whole / "annotated.vcf.gz")


def _without_times(path: Path) -> dict[str, Any]:
    return {key: value for key, value in json.loads(path.read_text()).items() if key not in _TIMES}


def _check_index(found: Path, whole: Path, places: int = 40) -> None:
    with pysam.VariantFile(str(whole)) as one, pysam.VariantFile(str(found)) as other:
        records = [(record.contig, record.start) for record in one]
        for contig, start in records[:: max(1, len(records) // places)]:
            span = (contig, start, start + 1_000)
            same = list(map(str, one.fetch(*span))) == list(map(str, other.fetch(*span)))
            expect(same, f"the index leads elsewhere at {span}")


def check_nothing_is_left(job: Ended) -> None:
    """Check that queues, the bucket of parts and executions come to be empty. Raises Surprise."""
    aws = Aws(job.settings)
    _wait_for_empty_queues(aws, job.settings)
    running = _running(aws, job.settings)
    expect(not running, f"executions still run: {running}")
    parts = list(job.bucket("parts").keys(""))
    expect(not parts, f"{len(parts)} objects of parts are left, such as {parts[:3]}")
    begun = aws.s3().list_multipart_uploads(Bucket=job.settings.bucket("parts"))
    expect(not begun.get("Uploads"), "unfinished objects of parts are left")


def check_swept_results(job: Ended) -> int:
    """Check that two days later only the files of the job are there, and nothing half done.

    Gives how many files of joins that died were there until then. Raises Surprise.
    """
    results = job.bucket("results")
    named = {str(file["key"]) for file in job.results.values()}
    before = set(results.keys(job.prefix))
    _sweep_later(job.settings)
    left = set(results.keys(job.prefix))
    expect(left == named, f"results are left, or missing: {left ^ named}")
    begun = Aws(job.settings).s3().list_multipart_uploads(Bucket=results.bucket)
    expect(not begun.get("Uploads"), "unfinished results are left")
    return len(before - named)


def _wait_for_empty_queues(aws: Aws, settings: Settings) -> None:
    """Messages of workers that died are delivered again, and found to be done."""
    deadline = time.monotonic() + _QUIET_SECONDS
    for name in QUEUES:
        for queue in (SqsQueue(aws.sqs(), settings.named(f"{name}{end}")) for end in ("", "-dlq")):
            while depth := queue.depth():
                expect(time.monotonic() < deadline, f"{depth} messages are left in {queue.name}")
                time.sleep(0.5)


def _running(aws: Aws, settings: Settings) -> list[str]:
    pages = aws.states().list_executions(
        stateMachineArn=settings.machine_arn(MACHINE), statusFilter="RUNNING"
    )
    return [one["name"] for one in pages["executions"]]


def _sweep_later(settings: Settings) -> None:
    """What reconciliation does two days later with files that no event names."""
    given = RestorerSettings(**settings.model_dump(exclude_unset=True))
    aws = Aws(settings)
    worker = Worker("restorer", given, aws, write_context_for("restorer", given, aws), Stopping())
    delete_orphans(replace(ports_of(worker, given), now=lambda: utc_now() + _SWEPT_AFTER))
