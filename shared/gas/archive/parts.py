"""A copy within S3 in parts, each compared with what was read.

S3 has no SHA-256 of the whole for an object that was made in parts. So the source is read once, in
the parts in which S3 copies it: S3's checksum of each part must be that of what was read, and what
was read must add up to the SHA-256 that the log contains. S3 copies parts while the next are read.
Source: Amazon S3 API reference, UploadPartCopy; user guide, "Checking object integrity".
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gas.archive.store import DamagedCopy
from gas.aws.errors import AwsError
from gas.files.bucket import CHUNK_BYTES

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_COPIES_AT_ONCE = 4
_READS = 3


@dataclass(frozen=True, slots=True)
class PlannedCopy:
    """What is copied, and where to. ``sha256`` and ``size_bytes`` are those of the log."""

    source_bucket: str
    source_key: str
    bucket: str
    key: str
    storage_class: Any
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Part:
    number: int
    first: int
    last: int

    @property
    def range(self) -> str:
        return f"bytes={self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class _Digests:
    """Of what was read of a part."""

    sha256: bytes
    md5: bytes


class PartsCopy:
    """One copy in parts of ``part_bytes``, of which S3 wants at least 5 MiB and at most 10,000."""

    def __init__(self, client: S3Client, copy: PlannedCopy, part_bytes: int) -> None:
        self._client = client
        self._copy = copy
        self._part_bytes = part_bytes
        self._whole = hashlib.sha256()

    def run(self) -> None:
        """Copy all or nothing. Raises DamagedCopy if a byte is another one than the log's."""
        copy = self._copy
        head = self._client.head_object(Bucket=copy.source_bucket, Key=copy.source_key)
        if head["ContentLength"] != copy.size_bytes:
            raise DamagedCopy(
                f"{copy.source_key}: {head['ContentLength']} bytes, not {copy.size_bytes}"
            )
        upload_id = self._client.create_multipart_upload(
            Bucket=copy.bucket,
            Key=copy.key,
            StorageClass=copy.storage_class,
            ContentType=head.get("ContentType", "application/octet-stream"),
            Metadata=head.get("Metadata", {}),
            ChecksumAlgorithm="SHA256",
        )["UploadId"]
        try:
            self._fill(upload_id, head["ETag"])
        except Exception:
            # What a crash leaves is swept after a day: by S3's lifecycle, and by reconciliation.
            with contextlib.suppress(*AwsError):
                self._client.abort_multipart_upload(
                    Bucket=copy.bucket, Key=copy.key, UploadId=upload_id
                )
            raise

    def _fill(self, upload_id: str, etag: str) -> None:
        threads = ThreadPoolExecutor(_COPIES_AT_ONCE)
        try:
            copies = [
                threads.submit(self._copy_part, part, self._read(part, etag), upload_id, etag)
                for part in self._parts()
            ]
            copied = [copy.result() for copy in copies]
        finally:
            # Before the upload is aborted: a part that comes later would stay.
            threads.shutdown(cancel_futures=True)
        if self._whole.hexdigest() != self._copy.sha256:
            raise DamagedCopy(f"{self._copy.source_key}: the content is not what the log contains")
        self._client.complete_multipart_upload(
            Bucket=self._copy.bucket,
            Key=self._copy.key,
            UploadId=upload_id,
            MultipartUpload={"Parts": copied},
        )

    def _copy_part(self, part: _Part, digests: _Digests, upload_id: str, etag: str) -> Any:
        copy = self._copy
        answer = self._client.upload_part_copy(
            Bucket=copy.bucket,
            Key=copy.key,
            UploadId=upload_id,
            PartNumber=part.number,
            CopySource={"Bucket": copy.source_bucket, "Key": copy.source_key},
            CopySourceRange=part.range,
            CopySourceIfMatch=etag,
        )["CopyPartResult"]
        wanted = base64.b64encode(digests.sha256).decode()
        if not _is_copy_of(answer, wanted, digests.md5.hex()):
            raise DamagedCopy(f"{copy.key}: part {part.number} is not what was read")
        checksum = {"ChecksumSHA256": wanted} if "ChecksumSHA256" in answer else {}
        return {"PartNumber": part.number, "ETag": answer["ETag"], **checksum}

    def _read(self, part: _Part, etag: str) -> _Digests:
        """Read a part of the source, again if that breaks off; its bytes are added to the whole."""
        for _ in range(_READS - 1):
            before = self._whole.copy()
            try:
                return self._read_once(part, etag)
            except AwsError:
                self._whole = before
        return self._read_once(part, etag)

    def _read_once(self, part: _Part, etag: str) -> _Digests:
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        body = self._client.get_object(
            Bucket=self._copy.source_bucket,
            Key=self._copy.source_key,
            Range=part.range,
            IfMatch=etag,
        )["Body"]
        for chunk in body.iter_chunks(CHUNK_BYTES):
            for digest in (sha256, md5, self._whole):
                digest.update(chunk)
        return _Digests(sha256.digest(), md5.digest())

    def _parts(self) -> Iterator[_Part]:
        size = self._copy.size_bytes
        for number, first in enumerate(range(0, size, self._part_bytes), start=1):
            yield _Part(number, first, min(first + self._part_bytes, size) - 1)


def _is_copy_of(answer: Mapping[str, Any], sha256: str, md5: str) -> bool:
    if "ChecksumSHA256" in answer:
        return bool(answer["ChecksumSHA256"] == sha256)
    # Emulators answer with the ETag alone, which is the MD5 of a part that is not under a KMS key.
    return str(answer["ETag"]).strip('"') == md5
