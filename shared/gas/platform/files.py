"""Files in S3: one bucket as a port, with checksums, streaming and bounded memory."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from boto3.s3.transfer import TransferConfig

from gas.platform.aws import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 1 << 20
_ONE_PUT_BYTES = 1 << 30  # below this a file is one PUT, with one SHA-256 over the whole object
_SEQUENTIAL = TransferConfig(multipart_threshold=_ONE_PUT_BYTES, max_concurrency=2)
_DELETE_BATCH = 1_000


class NoSuchFile(LookupError):
    """There is no object at that key."""


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What S3 knows of an object; ``sha256`` (hexadecimal) only where it was stored with one."""

    size_bytes: int
    etag: str
    sha256: str | None


class Files(Protocol):
    """The objects of one bucket."""

    @property
    def bucket(self) -> str: ...

    def put(self, key: str, path: Path, content_type: str) -> None:
        """Store the file at ``path`` whole, or raise; never half."""

    def info(self, key: str) -> FileInfo:
        """Size, ETag and checksum. Raises NoSuchFile."""

    def stream(self, key: str) -> Iterator[bytes]:
        """The content in chunks of 1 MiB. Raises NoSuchFile before the first."""

    def delete(self, keys: Iterable[str]) -> None:
        """Delete what is there; a key without an object is no error."""

    def stored_before(self, moment: datetime) -> Iterator[str]:
        """The key of every object that was stored before that moment, page by page."""


class S3Files:
    """The objects of one S3 bucket."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self.bucket = bucket

    def put(self, key: str, path: Path, content_type: str) -> None:
        self._client.upload_file(
            str(path),
            self.bucket,
            key,
            ExtraArgs={"ContentType": content_type, "ChecksumAlgorithm": "SHA256"},
            Config=_SEQUENTIAL,
        )

    def info(self, key: str) -> FileInfo:
        try:
            head = self._client.head_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED")
        except self._client.exceptions.ClientError as error:
            raise _missing(error, key) from None
        return FileInfo(head["ContentLength"], head["ETag"], sha256_of(head))

    def stream(self, key: str) -> Iterator[bytes]:
        try:
            body = self._client.get_object(Bucket=self.bucket, Key=key)["Body"]
        except self._client.exceptions.ClientError as error:
            raise _missing(error, key) from None
        return body.iter_chunks(CHUNK_BYTES)

    def delete(self, keys: Iterable[str]) -> None:
        left = list(keys)
        while left:
            batch, left = left[:_DELETE_BATCH], left[_DELETE_BATCH:]
            answer = self._client.delete_objects(
                Bucket=self.bucket,
                Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True},
            )
            for fault in answer.get("Errors", []):
                raise OSError(f"{fault.get('Key')} not deleted: {fault.get('Message')}")

    def stored_before(self, moment: datetime) -> Iterator[str]:
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            for found in page.get("Contents", []):
                if found["LastModified"] < moment:
                    yield found["Key"]


def sha256_of(head: Mapping[str, object]) -> str | None:
    """The hexadecimal SHA-256 of a whole object, from the answer of HeadObject."""
    encoded = head.get("ChecksumSHA256")
    if not isinstance(encoded, str) or "-" in encoded:  # a dash: a checksum of parts' checksums
        return None
    return base64.b64decode(encoded).hex()


def _missing(error: Exception, key: str) -> Exception:
    return NoSuchFile(key) if error_code(error) in {"404", "NoSuchKey", "NotFound"} else error
