"""What browsers may do with S3: presigned uploads and downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


UPLOAD_SECONDS = 3600
DOWNLOAD_SECONDS = 300


class Storage(Protocol):
    """Links that let a browser talk to S3 itself."""

    def upload_form(self, key: str, size_bytes: int) -> dict[str, Any]:
        """``url`` and ``fields`` of a form that may POST exactly that key, up to that size."""

    def download_url(self, key: str, filename: str) -> str:
        """A link to a result, saved under ``filename``."""


class S3Storage:
    """Presigned by Signature V4, for S3 as browsers reach it."""

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


def attachment(filename: str) -> str:
    """A Content-Disposition for any Unicode file name (RFC 6266)."""
    plain = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in filename
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
