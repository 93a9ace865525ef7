"""The drill of ``docs/operations.md``: the event log is restored to an earlier time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

import archiver.deletion
import archiver.ports
from annotator.handler import handle as annotate
from annotator.ports import Ports as AnnotatorPorts
from gas.archive.wiring import archive_store
from gas.aws.items import plain, wire
from gas.domain.account import Register
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import Archive, ArchivePolicy, Complete, Delete, Restore, Start, Submit
from gas.events import (
    CATALOGUE,
    InputFile,
    InvalidEvent,
    Plan,
    ResultFile,
    ResultKind,
    new_id,
    time_of_id,
)
from gas.files.bucket import NoSuchFile
from gas.files.s3 import S3Files
from gas.messaging.fan_out import FanOut
from gas.recovery import origin
from gas.runtime.repositories import utc_now
from gas.settings import ColdSettings
from gas.tables.accounts import DynamoAccountTable
from gas.tables.jobs import DynamoJobTable
from gas.tables.personal_dynamo import DynamoPersonalTable
from gas.tables.profiles import DynamoProfileTable
from gas.tables.sessions import DynamoSessionTable
from gas.tables.uploads import DynamoUploadTable, Upload
from reconciler import leftovers
from reconciler.wiring import ports_of
from tests.integration.deployed import DeployedGas
from tests.integration.test_operator_commands import gas_command

if TYPE_CHECKING:
    from gas.runtime.worker import Worker

pytestmark = pytest.mark.integration


@dataclass
class Drill:
    """An installation whose jobs are brought into each state by hand."""

    gas: DeployedGas
    folder: Path

    def __post_init__(self) -> None:
        settings = self.gas.settings
        self.settings = ColdSettings(**settings.model_dump())
        s3, self.dynamodb = self.gas.aws.s3(), self.gas.aws.dynamodb()
        self.s3 = s3
        self.inputs = S3Files(s3, settings.bucket("inputs"))
        self.results = S3Files(s3, settings.bucket("results"))
        self.store = archive_store(self.settings, self.gas.aws, utc_now)
        self.uploads = DynamoUploadTable(self.dynamodb, settings.prefix)
        self.user = new_id()
        self.gas.accounts.execute(self.user, Register(self.user))

    def submit(self) -> Job:
        job_id, upload_id = new_id(), new_id()
        key = f"{self.user}/{upload_id}"
        self._put(self.inputs, key, b"input")
        self.uploads.put(Upload(upload_id, self.user, key, "my.vcf", 5, job_id=job_id))
        info = self.inputs.info(key)
        file = InputFile(
            bucket=self.inputs.bucket,
            key=key,
            size_bytes=5,
            etag=info.etag.strip('"'),
            filename="my.vcf",
            version_id=info.version_id,
        )
        return self.gas.jobs.execute(job_id, Submit(job_id, self.user, file, "human-mt", Plan.FREE))

    def complete(self, job: Job) -> Job:
        (submitted, *_) = self.gas.write_context.log.read(f"job/{job.job_id}")
        self.gas.jobs.execute(job.job_id, Start("e", "b"))
        files = []
        for kind in (ResultKind.VCF, ResultKind.SUMMARY):
            key = f"{self.user}/{job.job_id}/{new_id()}/my.{kind}"
            files.append(self._put(self.results, key, job.job_id.encode(), kind))
            self.results.put(key, self.folder / "file", "text/plain", origin.metadata_of(submitted))
        return self.gas.jobs.execute(job.job_id, Complete(tuple(files), {}, 1.0, utc_now()))

    def _put(
        self, files: S3Files, key: str, content: bytes, kind: ResultKind = ResultKind.VCF
    ) -> ResultFile:
        path = self.folder / "file"
        path.write_bytes(content)
        files.put(key, path, "text/plain")
        digest = hashlib.sha256(content).hexdigest()
        return ResultFile(kind=kind, key=key, size_bytes=len(content), sha256=digest)

    def archive(self, job: Job) -> Job:
        warm = job.result(ResultKind.VCF)
        assert warm
        copy = self.store.put(self.user, job.job_id, warm)
        archived = self.gas.jobs.execute(job.job_id, Archive(copy))
        self.results.delete(archived.freed_keys)
        return archived

    def thaw(self, job: Job) -> Job:
        key = f"{self.user}/{job.job_id}/{new_id()}/my.vcf"
        warm = self._put(self.results, key, job.job_id.encode())
        thawed = self.gas.jobs.execute(job.job_id, Restore(warm))
        assert job.archive
        self.store.delete(job.archive)
        return thawed

    def delete(self, job: Job) -> None:
        self.gas.jobs.execute(job.job_id, Delete("u", "r"))
        prefix = self.settings.prefix
        ports = archiver.ports.Ports(
            self.gas.jobs,
            DynamoJobTable(self.dynamodb, prefix),
            DynamoAccountTable(self.dynamodb, prefix),
            self.results,
            self.inputs,
            self.store,
            FanOut(self.gas.queue("archiver")),
            DynamoPersonalTable(self.dynamodb, prefix),
            utc_now,
            ArchivePolicy(timedelta()),
            self.gas.accounts,
            DynamoSessionTable(self.dynamodb, prefix),
            DynamoProfileTable(self.dynamodb, prefix),
            DynamoUploadTable(self.dynamodb, prefix),
            S3Files(self.s3, self.settings.bucket("parts")),
        )
        archiver.deletion.clean_up(job.job_id, ports)

    def restore_log(self, last_id: str) -> None:
        """The event log becomes what it was when ``last_id`` was made; nothing else does."""
        table = self.settings.named("events")
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                if plain(item)["event_id"] > last_id:
                    key = {name: item[name] for name in ("stream", "version")}
                    self.dynamodb.delete_item(TableName=table, Key=key)

    def reconcile(self, after: timedelta) -> None:
        def now() -> datetime:
            return utc_now() + after

        worker = SimpleNamespace(aws=self.gas.aws, write_context=self.gas.write_context, now=now)
        ports = ports_of(cast("Worker", worker), self.settings)
        leftovers.delete_orphans(ports)
        leftovers.delete_unused_uploads(ports)

    def job(self, job: Job) -> Job:
        found = self.gas.jobs.load(job.job_id)
        assert found, "the job is lost"
        return found

    def content(self, job: Job) -> bytes:
        warm = job.result(ResultKind.VCF)
        assert warm, f"{job.status} has no warm result"
        return b"".join(self.results.stream(warm.key))

    def keys(self, bucket: S3Files) -> set[str]:
        return {file.key for file in bucket.stored_before(utc_now() + timedelta(days=1))}


def test_nothing_is_lost_when_the_log_is_restored_to_an_earlier_time(
    deployed: DeployedGas, tmp_path: Path
) -> None:
    drill = Drill(deployed, tmp_path)
    kept, archived, thawed, deleted = (drill.complete(drill.submit()) for _ in range(4))
    thawed = drill.archive(thawed)
    last_id = new_id()
    since = time_of_id(last_id)
    assert since is not None
    # the lost hour
    drill.archive(archived)
    drill.thaw(thawed)
    drill.delete(deleted)
    lost, waiting = drill.complete(drill.submit()), drill.submit()
    before = [drill.keys(bucket) for bucket in (drill.inputs, drill.results)]

    drill.restore_log(last_id)
    assert drill.gas.jobs.load(lost.job_id) is None
    assert gas_command(deployed, "verify").returncode == 1
    assert gas_command(deployed, "rebuild").returncode == 0
    assert gas_command(deployed, "verify").stdout == "no difference\n"
    recovered = gas_command(deployed, "recover", "run", since.isoformat())
    assert recovered.returncode == 0, recovered.stderr
    done = [json.loads(line) for line in recovered.stdout.splitlines()]
    for days in (2, 5, 30):
        drill.reconcile(timedelta(days=days))

    assert drill.content(drill.job(kept)) == kept.job_id.encode()
    assert drill.content(drill.job(archived)) == archived.job_id.encode()
    assert drill.content(drill.job(thawed)) == thawed.job_id.encode()
    assert before == [
        drill.keys(bucket) - {key for key in drill.keys(bucket) if archived.job_id in key}
        | {key for key in files if archived.job_id in key}
        for bucket, files in zip((drill.inputs, drill.results), before, strict=True)
    ], "reconciliation deleted what the restored log does not know"
    with pytest.raises(NoSuchFile):
        drill.content(drill.job(deleted))
    assert drill.job(lost).status is JobStatus.SUBMITTED, "found again from object metadata"
    listed = {line.get("job_id") for line in done if line["what"] == "quarantined"}
    assert {lost.job_id, waiting.job_id} <= listed
    _check_the_waiting_job(drill, waiting)
    _check_that_a_closed_period_protects_nothing(drill, lost)


def _check_the_waiting_job(drill: Drill, waiting: Job) -> None:
    queue = drill.gas.queue("annotator")
    while messages := queue.receive(10, 1, 60):
        for message in messages:
            event = CATALOGUE.parse(message.body)
            if event.subject == f"job/{waiting.job_id}":
                nothing = cast("AnnotatorPorts", SimpleNamespace(jobs=drill.gas.jobs))
                with pytest.raises(InvalidEvent, match="has lost its events"):
                    annotate(event, nothing)
                queue.dead_letter(message, "lost")
            else:
                queue.delete(message)
    assert gas_command(drill.gas, "dlq", "redrive", "annotator").returncode == 0
    assert drill.job(waiting).status is JobStatus.SUBMITTED
    assert drill.job(waiting).input == waiting.input


def _check_that_a_closed_period_protects_nothing(drill: Drill, lost: Job) -> None:
    shown = gas_command(drill.gas, "recover", "list")
    assert shown.returncode == 1
    (period,) = map(json.loads, shown.stdout.splitlines())
    key = next(key for key in drill.keys(drill.results) if lost.job_id in key)
    tags = drill.s3.get_object_tagging(Bucket=drill.results.bucket, Key=key)["TagSet"]
    assert tags == [{"Key": "gas-quarantine", "Value": period["id"]}]
    assert gas_command(drill.gas, "recover", "close", period["id"]).returncode == 0
    assert gas_command(drill.gas, "recover", "close", period["id"]).returncode == 1
    drill.reconcile(timedelta(days=2))
    assert key not in drill.keys(drill.results)
    assert lost.input.key in drill.keys(drill.inputs)


def test_rows_that_are_newer_than_the_log_are_rebuilt(deployed: DeployedGas) -> None:
    _, job_id = deployed.submitted()
    deployed.jobs.execute(job_id, Start("e", "b"))
    key = wire({"stream": f"job/{job_id}", "version": 2})
    deployed.aws.dynamodb().delete_item(TableName=deployed.settings.named("events"), Key=key)
    assert gas_command(deployed, "rebuild").returncode == 0
    assert gas_command(deployed, "verify").stdout == "no difference\n"
    deployed.jobs.execute(job_id, Start("e", "b"))  # and the job goes on
