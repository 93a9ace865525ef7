"""One S3 bucket by boto3."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from boto3.s3.transfer import TransferConfig

from gas.aws.errors import error_code
from gas.files import versions
from gas.files.assembly import Assembled, Piece
from gas.files.bucket import (
    CHUNK_BYTES,
    QUARANTINE_TAG,
    FileChanged,
    FileInfo,
    NoSuchFile,
    Pin,
    Span,
    StoredFile,
)
from gas.files.s3_assembly import S3Assembly

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
    """The objects of the S3 bucket with that full name.

    ``copying`` is the client of copies that may be large, by default the usual one.
    """

    def __init__(self, client: S3Client, bucket: str, copying: S3Client | None = None) -> None:
        self._client = client
        self._copying = copying or client
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

    def copy(self, key: str, to: str, pin: Pin | None = None) -> None:
        source: CopySourceTypeDef = {"Bucket": self.bucket, "Key": key}
        # Not the source's tags: a copy is not in quarantine.
        extra = {"TaggingDirective": "REPLACE"}
        if pin:
            extra["CopySourceIfMatch"] = f'"{pin.etag}"'
            if pin.version_id:
                source["VersionId"] = pin.version_id
        try:
            self._client.copy(source, self.bucket, to, ExtraArgs=extra, Config=_COPY)
        except self._client.exceptions.ClientError as error:
            raise _refusal(error, key) from None

    def info(self, key: str, pin: Pin | None = None) -> FileInfo:
        try:
            head = self._client.head_object(
                Bucket=self.bucket, Key=key, ChecksumMode="ENABLED", **_pinned(pin)
            )
        except self._client.exceptions.ClientError as error:
            raise _refusal(error, key) from None
        return FileInfo(
            head["ContentLength"],
            head["ETag"],
            sha256_of(head),
            head.get("VersionId"),
            head.get("Metadata", {}),
        )

    def stream(self, key: str, pin: Pin | None = None, span: Span | None = None) -> Iterator[bytes]:
        wanted = _pinned(pin) | ({"Range": f"bytes={span.first}-{span.last}"} if span else {})
        try:
            answer = self._client.get_object(Bucket=self.bucket, Key=key, **wanted)
        except self._client.exceptions.ClientError as error:
            raise _refusal(error, key) from None
        chunks = answer["Body"].iter_chunks(CHUNK_BYTES)
        # Emulators give the whole of an older version whatever range is asked for.
        return chunks if span is None or "ContentRange" in answer else _within(chunks, span)

    def keys(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=prefix
        )
        return (found["Key"] for page in pages for found in page.get("Contents", []))

    def assemble(
        self,
        key: str,
        pieces: Sequence[Piece],
        content_type: str,
        metadata: Mapping[str, str] = MappingProxyType({}),
        on_part: Callable[[], object] = lambda: None,
    ) -> Assembled:
        making = S3Assembly(self._client, self._copying, self.bucket, key)
        try:
            return making.run(pieces, content_type, metadata, on_part)
        except self._client.exceptions.ClientError as error:
            raise _refusal(error, key) from None

    def delete(self, keys: Iterable[str]) -> None:
        versions.delete_all(self._client, self.bucket, ({"Key": key} for key in keys))

    def erase(self, prefix: str) -> None:
        versions.erase(self._client, self.bucket, prefix)

    def stored_before(self, moment: datetime) -> Iterator[StoredFile]:
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            for found in page.get("Contents", []):
                if found["LastModified"] < moment:
                    yield StoredFile(found["Key"], found["LastModified"])

    def abort_unfinished(self, before: datetime, prefix: str = "") -> int:
        pages = self._client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self.bucket, Prefix=prefix
        )
        aborted = 0
        for page in pages:
            for found in page.get("Uploads", []):
                if found["Initiated"] < before:
                    self._client.abort_multipart_upload(
                        Bucket=self.bucket, Key=found["Key"], UploadId=found["UploadId"]
                    )
                    aborted += 1
        return aborted

    def quarantine(self, key: str, reason: str) -> None:
        self._client.put_object_tagging(
            Bucket=self.bucket,
            Key=key,
            Tagging={"TagSet": [{"Key": QUARANTINE_TAG, "Value": reason}]},
        )

    def deleted_since(self, moment: datetime) -> Iterator[str]:
        # S3 gives whole seconds.
        since = moment.replace(microsecond=0)
        for marker in versions.markers(self._client, self.bucket, ""):
            if marker.stored_at >= since:
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


def _within(chunks: Iterator[bytes], span: Span) -> Iterator[bytes]:
    at = 0
    for chunk in chunks:
        if part := chunk[max(span.first - at, 0) : max(span.last + 1 - at, 0)]:
            yield part
        at += len(chunk)


def _pinned(pin: Pin | None) -> Any:
    if pin is None:
        return {}
    # With a version too: an ETag of another content would show a mistake of ours.
    version = {"VersionId": pin.version_id} if pin.version_id else {}
    return {"IfMatch": f'"{pin.etag}"', **version}


def _refusal(error: Exception, key: str) -> Exception:
    code = error_code(error)
    if code in {"404", "NoSuchKey", "NotFound"}:
        return NoSuchFile(key)
    # HEAD has no body, so it reports a status only.
    if code in {"412", "PreconditionFailed", "NoSuchVersion"}:
        return FileChanged(key)
    return error
