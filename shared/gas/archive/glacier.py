"""One vault of the Glacier API by boto3: calls and their limits only. Archiving is in ``vault``.

Source: Amazon S3 Glacier developer guide, "Uploading large archives in parts", "InitiateJob".
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from botocore.exceptions import ClientError
from botocore.utils import calculate_tree_hash

from gas.archive.store import DamagedCopy, Readiness
from gas.archive.vault import InventoryEntry, NoCapacity, Retrieval
from gas.aws.errors import error_code
from gas.events import Tier
from gas.files.bucket import CHUNK_BYTES

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_glacier.type_defs import (
        GlacierJobDescriptionResponseTypeDef,
        GlacierJobDescriptionTypeDef,
    )

ONE_UPLOAD_BYTES = 100 << 20
"""Larger files are uploaded in parts, as AWS recommends: a lost connection then costs one part."""

_MIN_PART_BYTES = 16 << 20  # with Glacier's minimum of 1 MiB every file would be thousands of calls
_MAX_PARTS = 10_000  # Glacier's limit
_READINESS = {
    "InProgress": Readiness.THAWING,
    "Succeeded": Readiness.READABLE,
    "Failed": Readiness.COLD,
}
_NOT_FOUND = "ResourceNotFoundException"


class GlacierVault:
    """The vault ``name`` of the account; notices of retrievals go to the SNS topic.

    ``initiate_client`` must not retry. InitiateJob is not idempotent: if only its answer was lost,
    a second call is a second retrieval, and billed. And boto3 would repeat a call that was refused
    for lack of capacity, because that has status 503.
    """

    def __init__(
        self,
        client: GlacierClient,
        initiate_client: GlacierClient,
        *,
        name: str,
        topic_arn: str,
    ) -> None:
        self._client = client
        self._initiate_client = initiate_client
        self._name = name
        self._topic_arn = topic_arn

    def upload(self, path: Path, description: str) -> str:
        with path.open("rb") as file:
            expected = _tree_hash(file)
            if path.stat().st_size > ONE_UPLOAD_BYTES:
                archive_id, found = self._upload_parts(file, path.stat().st_size, description)
            else:
                answer = self._client.upload_archive(
                    vaultName=self._name, archiveDescription=description, body=file
                )
                archive_id, found = answer["archiveId"], answer["checksum"]
        # Compared by us as well: an archive cannot be read back without hours of waiting.
        if found != expected:
            self.delete(archive_id)
            raise DamagedCopy(f"archive {archive_id}: tree hash {found} instead of {expected}")
        return archive_id

    def _upload_parts(self, file: IO[bytes], size_bytes: int, description: str) -> tuple[str, str]:
        part_bytes = part_size(size_bytes)
        upload_id = self._client.initiate_multipart_upload(
            vaultName=self._name, archiveDescription=description, partSize=str(part_bytes)
        )["uploadId"]
        try:
            for start in range(0, size_bytes, part_bytes):
                body = file.read(part_bytes)
                self._client.upload_multipart_part(
                    vaultName=self._name,
                    uploadId=upload_id,
                    range=f"bytes {start}-{start + len(body) - 1}/*",
                    body=body,
                )
            answer = self._client.complete_multipart_upload(
                vaultName=self._name,
                uploadId=upload_id,
                archiveSize=str(size_bytes),
                checksum=_tree_hash(file),
            )
        except ClientError:
            # Parts of an upload that is neither completed nor aborted are billed.
            self._client.abort_multipart_upload(vaultName=self._name, uploadId=upload_id)
            raise
        return answer["archiveId"], answer["checksum"]

    def initiate(self, archive_id: str, description: str, tier: Tier) -> str:
        try:
            answer = self._initiate_client.initiate_job(
                vaultName=self._name,
                jobParameters={
                    "Type": "archive-retrieval",
                    "ArchiveId": archive_id,
                    "Description": description,
                    "SNSTopic": self._topic_arn,
                    "Tier": tier.value.capitalize(),
                },
            )
        except ClientError as error:
            if error_code(error) == "InsufficientCapacityException":
                raise NoCapacity(archive_id) from None
            raise
        return answer["jobId"]

    def retrieval(self, retrieval: str) -> Retrieval | None:
        try:
            return _retrieval(self._client.describe_job(vaultName=self._name, jobId=retrieval))
        except ClientError as error:
            if error_code(error) == _NOT_FOUND:
                return None
            raise

    def retrievals(self) -> Iterator[Retrieval]:
        for job in self._jobs():
            if job["Action"] == "ArchiveRetrieval" and job["StatusCode"] != "Failed":
                yield _retrieval(job)

    def _jobs(self) -> Iterator[GlacierJobDescriptionTypeDef]:
        for page in self._client.get_paginator("list_jobs").paginate(
            accountId="-", vaultName=self._name
        ):
            yield from page["JobList"]

    def output(self, retrieval: str) -> Iterator[bytes]:
        body = self._client.get_job_output(vaultName=self._name, jobId=retrieval)["body"]
        yield from body.iter_chunks(CHUNK_BYTES)

    def delete(self, archive_id: str) -> None:
        try:
            self._client.delete_archive(vaultName=self._name, archiveId=archive_id)
        except ClientError as error:
            if error_code(error) != _NOT_FOUND:
                raise

    def inventory(self) -> Iterator[InventoryEntry]:
        requested = [job for job in self._jobs() if job["Action"] == "InventoryRetrieval"]
        requested = [job for job in requested if job["StatusCode"] != "Failed"]
        ready = [job for job in requested if job["StatusCode"] == "Succeeded"]
        if ready:
            newest = max(ready, key=lambda job: job["CreationDate"])
            yield from self._entries(newest["JobId"])
        elif not requested:
            # Glacier updates the inventory once a day and needs hours to answer, so a later call
            # reads it.
            self._initiate_client.initiate_job(
                vaultName=self._name, jobParameters={"Type": "inventory-retrieval", "Format": "CSV"}
            )

    def _entries(self, job_id: str) -> Iterator[InventoryEntry]:
        body = self._client.get_job_output(vaultName=self._name, jobId=job_id)["body"]
        lines = (line.decode("utf-8") for line in body.iter_lines())
        for row in csv.DictReader(lines):
            yield InventoryEntry(
                row["ArchiveId"], row["ArchiveDescription"], _moment(row["CreationDate"])
            )


def part_size(size_bytes: int) -> int:
    """Bytes of one part: a power of two times 1 MiB (Glacier's rule), 10,000 parts at most."""
    needed = max(1, math.ceil(size_bytes / _MAX_PARTS / _MIN_PART_BYTES))
    return int(_MIN_PART_BYTES * 2 ** math.ceil(math.log2(needed)))


def _tree_hash(file: IO[bytes]) -> str:
    """The SHA-256 tree hash of the whole file, as Glacier computes it; seeks to the beginning."""
    file.seek(0)
    found = str(calculate_tree_hash(file))  # type: ignore[arg-type]
    file.seek(0)
    return found


def _retrieval(
    job: GlacierJobDescriptionTypeDef | GlacierJobDescriptionResponseTypeDef,
) -> Retrieval:
    tier = Tier((job.get("Tier") or "Standard").lower())
    return Retrieval(job["JobId"], job["ArchiveId"], _READINESS[job["StatusCode"]], tier)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
