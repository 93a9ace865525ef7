"""What S3 itself decides: presigned uploads, restores and their notices."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from botocore.exceptions import ClientError

from gas.archive.s3 import S3ArchiveStore
from gas.events import ArchiveCopy, Tier, new_id
from gas.files.s3 import S3Files
from gas.files.s3_part_uploads import S3PartUploads
from gas.runtime.repositories import utc_now
from tests.integration.deployed import DeployedGas
from web.jobs.storage import S3Storage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.integration


def test_s3_accepts_the_promised_upload_and_nothing_else(deployed: DeployedGas) -> None:
    inputs = deployed.settings.bucket("inputs")
    storage = S3Storage(deployed.aws.s3(), inputs, deployed.settings.bucket("results"))
    form = storage.upload_form("u/1", 100)

    def post(fields: dict[str, str], size: int) -> int:
        files = {"file": ("a.vcf", b"x" * size)}
        return requests.post(form["url"], data=fields, files=files, timeout=30).status_code

    assert post(form["fields"], 101) == 400
    assert post({**form["fields"], "key": "u/2"}, 10) == 403
    assert post(form["fields"], 100) == 204


def test_an_address_for_a_part_is_for_that_part_of_that_length_only(deployed: DeployedGas) -> None:
    inputs, s3 = deployed.settings.bucket("inputs"), deployed.aws.s3()
    storage = S3Storage(s3, inputs, deployed.settings.bucket("results"))
    uploads = S3PartUploads(s3, inputs)
    bucket_id = uploads.begin("u/parts")
    url = storage.part_url("u/parts", bucket_id, 2, 100)
    query = dict(parse_qsl(urlsplit(url).query))
    # The emulator does not check signatures of links; what S3 refuses is what is not as signed.
    assert query["X-Amz-SignedHeaders"] == "content-length;host"
    assert (query["partNumber"], query["uploadId"]) == ("2", bucket_id)
    assert not [name for name in query if "checksum" in name], "a browser sends none"
    answer = requests.put(url, data=b"x" * 100, timeout=30)
    assert (answer.status_code, bool(answer.headers["ETag"])) == (200, True)
    assert [(part.number, part.size_bytes) for part in uploads.parts("u/parts", bucket_id)] == [
        (2, 100)
    ]


def test_a_large_input_is_copied_in_parts(deployed: DeployedGas) -> None:
    bucket = deployed.settings.bucket("inputs")
    s3 = deployed.aws.s3()
    content = b"0123456789abcdef" * ((65 << 20) // 16)
    s3.put_object(Bucket=bucket, Key="u/large", Body=content)
    S3Files(s3, bucket).copy("u/large", "u/copy")
    copied = s3.get_object(Bucket=bucket, Key="u/copy")
    assert copied["ETag"].endswith('-2"'), "two parts"
    assert copied["Body"].read() == content


class WithoutExpedited:
    """An S3 client without expedited capacity, which no emulator simulates, until it has some."""

    def __init__(self, client: S3Client) -> None:
        self._client = client
        self.tiers: list[str] = []
        self.has_capacity = False

    def restore_object(self, **request: Any) -> object:
        tier = request["RestoreRequest"]["GlacierJobParameters"]["Tier"]
        self.tiers.append(tier)
        if tier == "Expedited" and not self.has_capacity:
            raise ClientError(
                {"Error": {"Code": "GlacierExpeditedRetrievalNotAvailable", "Message": "no"}},
                "RestoreObject",
            )
        return self._client.restore_object(**request)


def test_a_refused_expedited_restore_becomes_a_standard_one(deployed: DeployedGas) -> None:
    s3, bucket = deployed.aws.s3(), deployed.settings.bucket("archive")
    s3.put_object(Bucket=bucket, Key="u/j/1/f", Body=b"x", StorageClass="GLACIER")
    refusing = WithoutExpedited(s3)
    store = S3ArchiveStore(
        s3,
        s3,
        cast("S3Client", refusing),
        warm_bucket=deployed.settings.bucket("results"),
        cold_bucket=bucket,
        tiers=(Tier.EXPEDITED, Tier.STANDARD),
        now=utc_now,
        new_id=new_id,
    )
    copy = ArchiveCopy(store="s3", archive_id="u/j/1/f", size_bytes=1, sha256="0" * 64)
    promise = store.request_restore("u", "j", copy)
    assert promise.tier is Tier.STANDARD
    assert refusing.tiers == ["Expedited", "Standard"]
    assert promise.expected_by - utc_now() > timedelta(hours=5)
    refusing.has_capacity = True
    assert store.request_restore("u", "j", copy).tier is Tier.STANDARD, "an event was lost"
    assert store.request_restore("u", "j", copy, Tier.STANDARD).tier is Tier.STANDARD, "overdue"
    assert refusing.tiers == ["Expedited", *["Standard"] * 3]


def test_only_completed_restores_are_notices(deployed: DeployedGas) -> None:
    store = S3ArchiveStore(
        deployed.aws.s3(),
        deployed.aws.s3(),
        deployed.aws.s3(),
        warm_bucket="w",
        cold_bucket="c",
        tiers=(Tier.STANDARD,),
        now=utc_now,
        new_id=new_id,
    )
    assert store.parse_notice('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"c"}') == []
    other = {
        "eventName": "ObjectRestore:Post",
        "s3": {"bucket": {"name": "c"}, "object": {"key": "a/b/c/d"}},
    }
    assert store.parse_notice(json.dumps({"Records": [other]})) == []
    done = {
        "eventName": "ObjectRestore:Completed",
        "s3": {"bucket": {"name": "c"}, "object": {"key": "u/j/1/my+file%C3%A9.vcf"}},
    }
    (notice,) = store.parse_notice(json.dumps({"Records": [done]}))
    assert (notice.job_id, notice.archive_id) == ("j", "u/j/1/my fileé.vcf")
