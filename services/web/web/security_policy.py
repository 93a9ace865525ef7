"""The content security policy of pages: what a browser may load, and where scripts may send."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from web.settings import WebSettings

_BUCKETS = ("inputs", "results")
STYLES_OF_IGV = (
    "'sha256-ITHmamcImsZ/Je1xrdtDLZVvRSpj1Zokb6uHXORB824='",
    "'sha256-NTwDUA6nIvRRpI2lIBtHJqkV0TlTj4HVmI6vI81fIfM='",
)
"""What igv.js 3.8.10 adds as style elements: of its colour picker and its circular view."""


def content_security_policy(settings: WebSettings, styles: Sequence[str] = ()) -> str:
    """The header's value: own scripts and styles only, none inline; of S3 our two buckets only.

    ``styles`` are the hashes of style elements that the page may have besides.
    """
    connect = " ".join(dict.fromkeys(bucket_origin(settings, name) for name in _BUCKETS))
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(["style-src 'self'", *styles]),
            "img-src 'self' data:",  # Bootstrap's arrows and crosses are data: addresses
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            f"form-action 'self' {_origin(settings.oidc_issuer)}",
            f"connect-src 'self' {connect}",
        )
    )


def bucket_origin(settings: WebSettings, bucket: str) -> str:
    """The origin of presigned addresses of a bucket, by its short name.

    An emulator has the bucket in the path, AWS in the host name.
    """
    if settings.endpoint_url or settings.s3_public_url:
        return _origin(settings.s3_public_url or settings.endpoint_url or "")
    # botocore signs for the first region with the name that S3 had before there were others
    region = "" if settings.region == "us-east-1" else f".{settings.region}"
    return f"https://{settings.bucket(bucket)}.s3{region}.amazonaws.com"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
