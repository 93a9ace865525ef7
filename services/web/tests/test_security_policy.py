"""The origins in the content security policy are those of the addresses that we sign."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from gas.aws.clients import Aws
from web.jobs.storage import S3Storage
from web.security_policy import bucket_origin, content_security_policy
from web.settings import WebSettings

ADDRESSES: list[dict[str, str | None]] = [
    {"region": "us-east-1", "endpoint_url": None},
    {"region": "eu-central-1", "endpoint_url": None, "prefix": "gas-staging"},
    {"endpoint_url": "http://127.0.0.1:4566"},
    {"endpoint_url": "http://aws:4566", "s3_public_url": "http://127.0.0.1:4566"},
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_signed_addresses_are_of_the_allowed_origins(
    address: dict[str, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    settings = WebSettings.model_validate(address)
    client = Aws(settings).s3(endpoint_url=settings.s3_public_url)
    storage = S3Storage(client, settings.bucket("inputs"), settings.bucket("results"))
    upload = urlsplit(storage.upload_form("key", 1)["url"])
    part = urlsplit(storage.part_url("key", "id", 1, 2))
    assert (part.scheme, part.netloc) == (upload.scheme, upload.netloc)
    download = urlsplit(storage.download_url("key", "name"))
    assert f"{upload.scheme}://{upload.netloc}" == bucket_origin(settings, "inputs")
    assert f"{download.scheme}://{download.netloc}" == bucket_origin(settings, "results")


def test_the_policy_has_no_wildcard_and_no_exception_for_inline_code() -> None:
    policy = content_security_policy(WebSettings.model_validate({"endpoint_url": None}))
    assert "*" not in policy
    assert "unsafe" not in policy
    assert policy.count("https://gas-") == 2
