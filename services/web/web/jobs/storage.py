"""Presigned uploads to S3 and downloads from it: files never pass through the web server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


UPLOAD_SECONDS = 3600
"""How long an upload, or a part of one, may start after it was allowed."""

MOST_FORM_BYTES = 5 << 30
"""The largest file that S3 takes with one request; larger ones are sent in parts."""

DOWNLOAD_SECONDS = 300
"""How long a link to a result works; it needs no login, so not for long."""


class Storage(Protocol):
    """Presigned requests that a browser or a script can send to S3 itself."""

    def upload_form(self, key: str, size_bytes: int) -> dict[str, Any]:
        """``url`` and ``fields`` of a form that can POST this key only, up to ``size_bytes``."""

    def part_url(self, key: str, bucket_id: str, number: int, size_bytes: int) -> str:
        """A link to PUT that part of that upload only, with exactly that many bytes."""

    def download_url(self, key: str, filename: str) -> str:
        """A link to a result that browsers save as ``filename``."""

    def reading_url(self, key: str) -> str:
        """A link to a file of the bucket of results, for a script that reads parts of it."""


class S3Storage:
    """Signs with AWS Signature V4. ``client`` must use S3's address as browsers know it.

    ``inputs`` and ``results`` are bucket names.
    """

    def __init__(self, client: S3Client, inputs: str, results: str) -> None:
        self._client = client
        self._inputs = inputs
        self._results = results

    def upload_form(self, key: str, size_bytes: int) -> dict[str, Any]:
        return self._client.generate_presigned_post(
            self._inputs,
            key,
            Conditions=[["content-length-range", 0, size_bytes]],
            ExpiresIn=UPLOAD_SECONDS,
        )

    def part_url(self, key: str, bucket_id: str, number: int, size_bytes: int) -> str:
        # The length becomes a signed header: S3 refuses a body of another one.
        return self._client.generate_presigned_url(
            "upload_part",
            Params={
                "Bucket": self._inputs,
                "Key": key,
                "UploadId": bucket_id,
                "PartNumber": number,
                "ContentLength": size_bytes,
            },
            ExpiresIn=UPLOAD_SECONDS,
        )

    def download_url(self, key: str, filename: str) -> str:
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._results,
                "Key": key,
                "ResponseContentDisposition": attachment(filename),
            },
            ExpiresIn=DOWNLOAD_SECONDS,
        )

    def reading_url(self, key: str) -> str:
        return self._client.generate_presigned_url(
            "get_object", Params={"Bucket": self._results, "Key": key}, ExpiresIn=DOWNLOAD_SECONDS
        )


def attachment(filename: str) -> str:
    """The Content-Disposition header for any Unicode file name (RFC 6266).

    The first name is for clients that do not know the second form.
    """
    plain = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in filename
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
