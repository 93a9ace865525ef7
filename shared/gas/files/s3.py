"""One S3 bucket by boto3."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from boto3.s3.transfer import TransferConfig

from gas.aws.errors import error_code
from gas.files import versions
from gas.files.bucket import CHUNK_BYTES, QUARANTINE_TAG, FileInfo, NoSuchFile, StoredFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

# Below this a file is one PUT with one SHA-256 over the whole object, which can be compared later.
# Above it S3 has only a checksum of the parts' checksums. S3 takes up to 5 GiB in one PUT.
_ONE_PUT_BYTES = 1 << 30
_TRANSFER = TransferConfig(multipart_threshold=_ONE_PUT_BYTES, max_concurrency=2)
# S3 copies some 100 MB a second, so a part takes less than any time-out, and 5 GB seconds.
_COPY = TransferConfig(
    multipart_threshold=64 << 20, multipart_chunksize=64 << 20, max_concurrency=8
)


class S3Files:
    """The objects of the S3 bucket with that full name."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self.bucket = bucket

    def put(
        self,
        key: str,
        path: Path,
        content_type: str,
        metadata: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._client.upload_file(
            str(path),
            self.bucket,
            key,
            ExtraArgs={
                "ContentType": content_type,
                "ChecksumAlgorithm": "SHA256",
                "Metadata": dict(metadata),
            },
            Config=_TRANSFER,
        )

    def copy(self, key: str, to: str) -> None:
        source: CopySourceTypeDef = {"Bucket": self.bucket, "Key": key}
        try:
            self._client.copy(source, self.bucket, to, Config=_COPY)
        except self._client.exceptions.ClientError as error:
            raise _missing(error, key) from None

    def info(self, key: str) -> FileInfo:
        try:
            head = self._client.head_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED")
        except self._client.exceptions.ClientError as error:
            raise _missing(error, key) from None
        return FileInfo(
            head["ContentLength"],
            head["ETag"],
            sha256_of(head),
            head.get("VersionId"),
            head.get("Metadata", {}),
        )

    def stream(self, key: str) -> Iterator[bytes]:
        try:
            body = self._client.get_object(Bucket=self.bucket, Key=key)["Body"]
        except self._client.exceptions.ClientError as error:
            raise _missing(error, key) from None
        return body.iter_chunks(CHUNK_BYTES)

    def delete(self, keys: Iterable[str]) -> None:
        versions.delete_all(self._client, self.bucket, ({"Key": key} for key in keys))

    def erase(self, prefix: str) -> None:
        versions.erase(self._client, self.bucket, prefix)

    def stored_before(self, moment: datetime) -> Iterator[StoredFile]:
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            for found in page.get("Contents", []):
                if found["LastModified"] < moment:
                    yield StoredFile(found["Key"], found["LastModified"])

    def quarantine(self, key: str, reason: str) -> None:
        self._client.put_object_tagging(
            Bucket=self.bucket,
            Key=key,
            Tagging={"TagSet": [{"Key": QUARANTINE_TAG, "Value": reason}]},
        )

    def deleted_since(self, moment: datetime) -> Iterator[str]:
        for marker in versions.markers(self._client, self.bucket, ""):
            if marker.stored_at >= moment:
                yield marker.key

    def bring_back(self, key: str) -> None:
        versions.bring_back(self._client, self.bucket, key)


def sha256_of(head: Mapping[str, object]) -> str | None:
    """The hexadecimal SHA-256 of a whole object, from the answer of HeadObject or CopyObject.

    None if S3 has none, or only a checksum of parts.
    """
    encoded = head.get("ChecksumSHA256")
    if not isinstance(encoded, str) or "-" in encoded:  # a dash: a checksum of checksums
        return None
    return base64.b64decode(encoded).hex()


def _missing(error: Exception, key: str) -> Exception:
    return NoSuchFile(key) if error_code(error) in {"404", "NoSuchKey", "NotFound"} else error
