"""What cold storage in S3 makes of S3's own answers, which emulators give otherwise."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from gas.archive.s3 import S3ArchiveStore
from gas.archive.store import StillCold
from gas.events import ArchiveCopy, ResultFile, ResultKind, Tier

CONTENT = b"result"
DIGEST = hashlib.sha256(CONTENT)
COPY = ArchiveCopy(store="s3", archive_id="u/j/1/f", size_bytes=6, sha256=DIGEST.hexdigest())
WARM = ResultFile(kind=ResultKind.VCF, key="u/j/2/f", size_bytes=6, sha256=DIGEST.hexdigest())


@pytest.fixture
def s3() -> Stubber:
    client = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    return Stubber(client)


def store_of(s3: Stubber, *, is_emulated: bool = False) -> S3ArchiveStore:
    client: Any = s3.client
    return S3ArchiveStore(
        client,
        client,
        client,
        warm_bucket="warm",
        cold_bucket="cold",
        tiers=[Tier.STANDARD],
        now=lambda: datetime.now(UTC),
        new_id=lambda: "1",
        is_emulated=is_emulated,
    )


def test_a_restored_copy_is_copied_back_in_one_request(s3: Stubber) -> None:
    checksum = base64.b64encode(DIGEST.digest()).decode()
    s3.add_response("copy_object", {"CopyObjectResult": {"ChecksumSHA256": checksum}})
    with s3:
        store_of(s3).fetch(COPY, WARM, None)
        s3.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ObjectNotInActiveTierError", StillCold),
        ("InvalidObjectState", StillCold),
        ("AccessDenied", ClientError),
    ],
)
def test_a_copy_that_s3_refuses_as_cold_is_still_cold(
    s3: Stubber, code: str, error: type[Exception]
) -> None:
    s3.add_client_error("copy_object", code, http_status_code=403)
    with s3, pytest.raises(error):
        store_of(s3).fetch(COPY, WARM, None)


def test_an_emulator_which_would_copy_what_is_cold_is_asked_first(s3: Stubber) -> None:
    s3.add_response("head_object", {"StorageClass": "GLACIER"})
    with s3, pytest.raises(StillCold):
        store_of(s3, is_emulated=True).fetch(COPY, WARM, None)
