"""Cold storage in S3's storage class GLACIER (Glacier Flexible Retrieval), in a separate bucket.

The archive id is the object's key, ``<user>/<job>/<id of this copy>/<name>``. A restore notice of
S3 contains only bucket and key, so the key must contain the job.
Source: Amazon S3 user guide, "Restoring an archived object".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote_plus

import structlog

from gas.archive.parts import PartsCopy, PlannedCopy
from gas.archive.store import (
    LONGEST_WAIT,
    CopyReference,
    DamagedCopy,
    Notice,
    Readiness,
    RestorePromise,
    StillCold,
    StoredCopy,
    tiers_to_try,
)
from gas.aws.errors import error_code
from gas.events import ArchiveCopy, InvalidEvent, ResultFile, Tier
from gas.files.s3 import S3Files, sha256_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

logger = structlog.get_logger()
# How long S3 keeps the restored copy. The thawer needs minutes; two days survive an outage of it.
_DAYS_READABLE = 2
PART_BYTES = 512 << 20
"""Larger files are copied in parts of so many bytes: S3 answers a part after some seconds.

S3's own limit of one copy is 5 GiB, of parts 10,000.
"""

# Source: Amazon S3 API reference, "CopyObject" and "List of error codes".
_REFUSED_AS_COLD = {"ObjectNotInActiveTierError", "InvalidObjectState"}
_RESTORED_EVENT = "ObjectRestore:Completed"
_KEY_PARTS = 4


@dataclass(frozen=True, slots=True)
class _Object:
    bucket: str
    key: str
    storage_class: Literal["STANDARD", "GLACIER"] = "STANDARD"


class S3ArchiveStore:
    """Copies between the results bucket (STANDARD) and the archive bucket (GLACIER).

    ``copy_client`` waits long for an answer: S3 answers a copy when it is done. ``restore_client``
    must not retry: S3 refuses an expedited restore with status 503, which boto3 takes for a
    temporary error and repeats, instead of letting us ask for the next tier. ``is_emulated`` says
    that it is not S3 itself that answers.
    """

    def __init__(
        self,
        client: S3Client,
        copy_client: S3Client,
        restore_client: S3Client,
        *,
        warm_bucket: str,
        cold_bucket: str,
        tiers: Sequence[Tier],
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        part_bytes: int = PART_BYTES,
        is_emulated: bool = False,
    ) -> None:
        self._client = client
        self._copy_client = copy_client
        self._part_bytes = part_bytes
        self._is_emulated = is_emulated
        self._restore_client = restore_client
        self._warm_bucket = warm_bucket
        self._cold_bucket = cold_bucket
        self._tiers = tiers
        self._cold = S3Files(client, cold_bucket)
        self._now = now
        self._new_id = new_id

    def put(self, user_id: str, job_id: str, warm: ResultFile) -> ArchiveCopy:
        name = warm.key.rsplit("/", 1)[-1]
        key = f"{user_id}/{job_id}/{self._new_id()}/{name}"
        cold = _Object(self._cold_bucket, key, "GLACIER")
        self._copy(_Object(self._warm_bucket, warm.key), cold, warm.size_bytes, warm.sha256)
        return ArchiveCopy(
            store="s3", archive_id=key, size_bytes=warm.size_bytes, sha256=warm.sha256
        )

    def request_restore(
        self,
        user_id: str,  # noqa: ARG002
        job_id: str,
        copy: ArchiveCopy,
        asked_before: Tier | None = None,
    ) -> RestorePromise:
        *preferred, last = tiers_to_try(self._tiers, asked_before)
        if preferred and self.readiness(copy) is not Readiness.COLD:
            # Requested by a process that died before it appended that, with a tier we do not know.
            preferred = []
        for tier in preferred:
            try:
                return self._promised(copy.archive_id, tier)
            except self._client.exceptions.ClientError as error:
                if error_code(error) != "GlacierExpeditedRetrievalNotAvailable":
                    raise
                logger.info("no capacity, requesting the next tier", job_id=job_id, tier=tier)
        return self._promised(copy.archive_id, last)

    def _promised(self, archive_id: str, tier: Tier) -> RestorePromise:
        self._restore_object(archive_id, tier)
        return RestorePromise(tier, self._now() + LONGEST_WAIT[tier])

    def _restore_object(self, key: str, tier: Tier) -> None:
        try:
            self._restore_client.restore_object(
                Bucket=self._cold_bucket,
                Key=key,
                RestoreRequest={
                    "Days": _DAYS_READABLE,
                    "GlacierJobParameters": {"Tier": tier.value.capitalize()},  # type: ignore[typeddict-item]
                },
            )
        except self._client.exceptions.ClientError as error:
            # Requested before, perhaps by a process that died before it appended the event.
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
            return []  # S3 sends one when notifications are set up
        records = message.get("Records")
        if not isinstance(records, list):
            raise InvalidEvent("a restore notice has no Records")
        return [notice for record in records if (notice := self._notice(record))]

    def _notice(self, record: Any) -> Notice | None:
        try:
            name = str(record["eventName"]).removeprefix("s3:")
            bucket = record["s3"]["bucket"]["name"]
            key = unquote_plus(record["s3"]["object"]["key"])  # S3 URL-encodes keys in notices
        except (KeyError, TypeError) as error:
            raise InvalidEvent(f"a restore notice has no {error}") from None
        parts = key.split("/")
        if name != _RESTORED_EVENT or bucket != self._cold_bucket:
            return None
        if len(parts) != _KEY_PARTS:
            raise InvalidEvent(f"archive key {key!r} is not <user>/<job>/<copy>/<name>")
        return Notice(job_id=parts[1], archive_id=key)

    def readiness(self, copy: ArchiveCopy, retrieval: str | None = None) -> Readiness:  # noqa: ARG002
        head = self._client.head_object(Bucket=self._cold_bucket, Key=copy.archive_id)
        restore = head.get("Restore", "")  # the header x-amz-restore; absent if none was requested
        if 'ongoing-request="true"' in restore:
            return Readiness.THAWING
        return Readiness.READABLE if 'ongoing-request="false"' in restore else Readiness.COLD

    def fetch(self, copy: ArchiveCopy, to: ResultFile, retrieval: str | None) -> None:
        # S3 itself refuses to copy a cold object, but emulators allow it and would hide a mistake.
        asks = self._is_emulated or copy.size_bytes > self._part_bytes
        if asks and self.readiness(copy, retrieval) is not Readiness.READABLE:
            raise StillCold(copy.archive_id)
        warm = _Object(self._warm_bucket, to.key, "STANDARD")
        cold = _Object(self._cold_bucket, copy.archive_id)
        try:
            self._copy(cold, warm, copy.size_bytes, copy.sha256)
        except self._client.exceptions.ClientError as error:
            if error_code(error) not in _REFUSED_AS_COLD:
                raise
            raise StillCold(copy.archive_id) from None

    def delete(self, copy: CopyReference) -> None:
        self._client.delete_object(Bucket=self._cold_bucket, Key=copy.archive_id)

    def erase(self, user_id: str, job_id: str, copy: CopyReference | None) -> None:  # noqa: ARG002
        # All versions of all copies that the job ever had, which begin with its ids.
        self._cold.erase(f"{user_id}/{job_id}/")

    def stored_before(self, moment: datetime) -> Iterator[StoredCopy]:
        for file in self._cold.stored_before(moment):
            parts = file.key.split("/")
            if len(parts) == _KEY_PARTS:
                yield StoredCopy(parts[1], "s3", file.key, file.stored_at)

    def abort_unfinished(self, before: datetime) -> int:
        return self._cold.abort_unfinished(before)

    def quarantine(self, copy: CopyReference, reason: str) -> None:
        self._cold.quarantine(copy.archive_id, reason)

    def deleted_since(self, moment: datetime) -> Iterator[StoredCopy]:
        for key in self._cold.deleted_since(moment):
            parts = key.split("/")
            if len(parts) == _KEY_PARTS:
                yield StoredCopy(parts[1], "s3", key, moment)

    def bring_back(self, copy: CopyReference) -> None:
        self._cold.bring_back(copy.archive_id)

    def _copy(self, source: _Object, target: _Object, size_bytes: int, sha256: str) -> None:
        where = (source.bucket, source.key, target.bucket, target.key, target.storage_class)
        in_parts = PartsCopy(
            self._copy_client,
            PlannedCopy(*where, size_bytes=size_bytes, sha256=sha256),
            self._part_bytes,
        )
        if size_bytes > self._part_bytes:
            in_parts.run()
            return
        answer = self._copy_client.copy_object(
            Bucket=target.bucket,
            Key=target.key,
            CopySource={"Bucket": source.bucket, "Key": source.key},
            StorageClass=target.storage_class,
            ChecksumAlgorithm="SHA256",
            # Not the source's tags: a copy is not in quarantine.
            TaggingDirective="REPLACE",
        )
        # S3 returns the checksum of what it wrote; for emulators that do not, ask for it.
        found = sha256_of(answer["CopyObjectResult"]) or sha256_of(self._head(target))
        if found is None:
            # An emulator that knows none of an object that was made of parts: it has to be read.
            in_parts.run()
        elif found != sha256:
            self._delete_damaged(target, f"SHA-256 {found} instead of {sha256}")

    def _head(self, found: _Object) -> HeadObjectOutputTypeDef:
        return self._client.head_object(Bucket=found.bucket, Key=found.key, ChecksumMode="ENABLED")

    def _delete_damaged(self, copy: _Object, reason: str) -> None:
        self._client.delete_object(Bucket=copy.bucket, Key=copy.key)
        raise DamagedCopy(f"{copy.bucket}/{copy.key}: {reason}")
