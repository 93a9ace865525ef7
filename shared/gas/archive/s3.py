"""Cold storage as S3's class GLACIER (Glacier Flexible Retrieval) in a bucket of its own.

The archive id is the key, ``<user>/<job>/<id of this copy>/<name>``: S3's notices carry nothing
else, so the job must be in it. Facts: the S3 guide, "Restoring an archived object".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote_plus

import structlog
from boto3.s3.transfer import TransferConfig

from gas.archive.store import (
    LONGEST_WAIT,
    CopyReference,
    DamagedCopy,
    Notice,
    Readiness,
    RestorePromise,
    StillCold,
    StoredCopy,
)
from gas.aws.errors import error_code
from gas.events import ArchiveCopy, InvalidEvent, ResultFile, Tier
from gas.files.s3 import sha256_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

logger = structlog.get_logger()
_DAYS_READABLE = 2
_ONE_COPY_BYTES = 5 * 1024**3  # CopyObject's limit; above it boto3 copies in parts
_IN_PARTS = TransferConfig(multipart_threshold=_ONE_COPY_BYTES, max_concurrency=2)
_DONE = "ObjectRestore:Completed"
_KEY_PARTS = 4


@dataclass(frozen=True, slots=True)
class _Place:
    bucket: str
    key: str
    storage_class: Literal["STANDARD", "GLACIER"] = "STANDARD"


class S3ArchiveStore:
    """Copies between the results bucket (STANDARD) and the archive bucket (GLACIER).

    ``asking`` must be a client that does not retry: boto3 takes the refusal of an expedited
    restore, a 503, for a passing fault and would repeat it.
    """

    def __init__(
        self,
        client: S3Client,
        asking: S3Client,
        *,
        warm_bucket: str,
        cold_bucket: str,
        tier: Tier,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._client = client
        self._asking = asking
        self._warm_bucket = warm_bucket
        self._cold_bucket = cold_bucket
        self._tier = tier
        self._now = now
        self._new_id = new_id

    def put(self, user_id: str, job_id: str, warm: ResultFile) -> ArchiveCopy:
        name = warm.key.rsplit("/", 1)[-1]
        key = f"{user_id}/{job_id}/{self._new_id()}/{name}"
        cold = _Place(self._cold_bucket, key, "GLACIER")
        self._copy(_Place(self._warm_bucket, warm.key), cold, warm.size_bytes, warm.sha256)
        return ArchiveCopy(
            store="s3", archive_id=key, size_bytes=warm.size_bytes, sha256=warm.sha256
        )

    def request_restore(self, user_id: str, job_id: str, copy: ArchiveCopy) -> RestorePromise:  # noqa: ARG002
        tier = self._tier
        try:
            self._ask(copy.archive_id, tier)
        except self._client.exceptions.ClientError as error:
            if error_code(error) != "GlacierExpeditedRetrievalNotAvailable":
                raise
            tier = Tier.STANDARD
            logger.info("expedited restore refused, asking for standard", job_id=job_id)
            self._ask(copy.archive_id, tier)
        return RestorePromise(tier, self._now() + LONGEST_WAIT[tier])

    def _ask(self, key: str, tier: Tier) -> None:
        try:
            self._asking.restore_object(
                Bucket=self._cold_bucket,
                Key=key,
                RestoreRequest={
                    "Days": _DAYS_READABLE,
                    "GlacierJobParameters": {"Tier": tier.value.capitalize()},  # type: ignore[typeddict-item]
                },
            )
        except self._client.exceptions.ClientError as error:
            if error_code(error) != "RestoreAlreadyInProgress":
                raise

    def parse_notice(self, body: str) -> list[Notice]:
        try:
            message = json.loads(body)
        except ValueError as error:
            raise InvalidEvent(f"a restore notice is not JSON: {error}") from None
        if not isinstance(message, dict):
            raise InvalidEvent("a restore notice is not a JSON object")
        if message.get("Event") == "s3:TestEvent":
            return []
        records = message.get("Records")
        if not isinstance(records, list):
            raise InvalidEvent("a restore notice has no Records")
        return [notice for record in records if (notice := self._notice(record))]

    def _notice(self, record: Any) -> Notice | None:
        try:
            name = str(record["eventName"]).removeprefix("s3:")
            bucket = record["s3"]["bucket"]["name"]
            key = unquote_plus(record["s3"]["object"]["key"])
        except (KeyError, TypeError) as error:
            raise InvalidEvent(f"a restore notice has no {error}") from None
        parts = key.split("/")
        if name != _DONE or bucket != self._cold_bucket:
            return None
        if len(parts) != _KEY_PARTS:
            raise InvalidEvent(f"archive key {key!r} is not <user>/<job>/<copy>/<name>")
        return Notice(job_id=parts[1], archive_id=key)

    def readiness(self, copy: ArchiveCopy, retrieval: str | None = None) -> Readiness:  # noqa: ARG002
        head = self._client.head_object(Bucket=self._cold_bucket, Key=copy.archive_id)
        told = head.get("Restore", "")
        if 'ongoing-request="true"' in told:
            return Readiness.THAWING
        return Readiness.READABLE if 'ongoing-request="false"' in told else Readiness.COLD

    def fetch(self, copy: ArchiveCopy, to: ResultFile, retrieval: str | None) -> None:
        # Emulators let a cold object be copied; AWS does not, so never try.
        if self.readiness(copy, retrieval) is not Readiness.READABLE:
            raise StillCold(copy.archive_id)
        warm = _Place(self._warm_bucket, to.key, "STANDARD")
        self._copy(_Place(self._cold_bucket, copy.archive_id), warm, copy.size_bytes, copy.sha256)

    def delete(self, copy: CopyReference) -> None:
        self._client.delete_object(Bucket=self._cold_bucket, Key=copy.archive_id)

    def stored_before(self, moment: datetime) -> Iterator[StoredCopy]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._cold_bucket)
        for page in pages:
            for found in page.get("Contents", []):
                parts = found["Key"].split("/")
                if len(parts) == _KEY_PARTS and found["LastModified"] < moment:
                    yield StoredCopy(parts[1], "s3", found["Key"])

    def _copy(self, source: _Place, target: _Place, size_bytes: int, sha256: str) -> None:
        if size_bytes > _ONE_COPY_BYTES:
            self._copy_in_parts(source, target, size_bytes)
            return
        answer = self._client.copy_object(
            Bucket=target.bucket,
            Key=target.key,
            CopySource={"Bucket": source.bucket, "Key": source.key},
            StorageClass=target.storage_class,
            ChecksumAlgorithm="SHA256",
        )
        # S3 answers with the checksum of what it wrote; an emulator may leave it to a look.
        found = sha256_of(answer["CopyObjectResult"]) or sha256_of(self._look(target))
        if found != sha256:
            self._refuse(target, f"SHA-256 {found} instead of {sha256}")

    def _copy_in_parts(self, source: _Place, target: _Place, size_bytes: int) -> None:
        # The checksum of such an object is of its parts, which S3 checked one by one.
        self._client.copy(
            {"Bucket": source.bucket, "Key": source.key},
            target.bucket,
            target.key,
            ExtraArgs={"StorageClass": target.storage_class, "ChecksumAlgorithm": "SHA256"},
            Config=_IN_PARTS,
        )
        found = self._look(target)["ContentLength"]
        if found != size_bytes:
            self._refuse(target, f"{found} bytes instead of {size_bytes}")

    def _look(self, place: _Place) -> HeadObjectOutputTypeDef:
        return self._client.head_object(Bucket=place.bucket, Key=place.key, ChecksumMode="ENABLED")

    def _refuse(self, place: _Place, reason: str) -> None:
        self._client.delete_object(Bucket=place.bucket, Key=place.key)
        raise DamagedCopy(f"{place.bucket}/{place.key}: {reason}")
