"""Uploads in parts to one S3 bucket by boto3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gas.aws.errors import error_code
from gas.files.part_uploads import MOST_PARTS, NoSuchUpload, StoredPart

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef


class S3PartUploads:
    """The unfinished uploads of the S3 bucket with that full name."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def begin(self, key: str) -> str:
        return self._client.create_multipart_upload(Bucket=self._bucket, Key=key)["UploadId"]

    def parts(self, key: str, bucket_id: str) -> list[StoredPart]:
        try:
            answer = self._client.list_parts(
                Bucket=self._bucket, Key=key, UploadId=bucket_id, MaxParts=MOST_PARTS
            )
        except self._client.exceptions.ClientError as error:
            raise _refusal(error, key) from None
        return [
            StoredPart(part["PartNumber"], part["Size"], part["ETag"].strip('"'))
            for part in answer.get("Parts", [])
        ]

    def complete(self, key: str, bucket_id: str, parts: Sequence[StoredPart]) -> None:
        completed: list[CompletedPartTypeDef] = [
            {"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts
        ]
        try:
            self._client.complete_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                UploadId=bucket_id,
                MultipartUpload={"Parts": completed},
            )
        except self._client.exceptions.ClientError as error:
            raise _refusal(error, key) from None

    def abort(self, key: str, bucket_id: str) -> None:
        try:
            self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=bucket_id)
        except self._client.exceptions.ClientError as error:
            if error_code(error) != "NoSuchUpload":
                raise


def _refusal(error: Exception, key: str) -> Exception:
    return NoSuchUpload(key) if error_code(error) == "NoSuchUpload" else error
