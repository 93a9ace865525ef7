"""Results that are copied in parts: what is checked, and what is left when a copy breaks off."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ConnectionClosedError

from annotator.__main__ import ports_of
from annotator.settings import AnnotatorSettings
from gas.archive import wiring
from gas.archive.s3 import S3ArchiveStore
from gas.archive.store import DamagedCopy
from gas.aws.clients import Aws
from gas.events import ResultFile, ResultKind, Tier, new_id
from gas.files import s3_assembly
from gas.files.assembly import WHOLE_BYTES, StoredPiece
from gas.files.s3 import S3Files
from gas.runtime.repositories import utc_now
from gas.runtime.worker import Stopping, Worker
from gas.settings import ColdSettings
from tests.integration.deployed import DeployedGas

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.integration

PART = 5 << 20
CONTENT = Random(1).randbytes(12 << 20)


class OtherPart:
    """An S3 client that copies another object as the second part, as damage in S3 would look."""

    def __init__(self, client: S3Client, key: str) -> None:
        self._client = client
        self._key = key

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def upload_part_copy(self, **request: Any) -> Any:
        if request["PartNumber"] == 2:
            request["CopySource"] = {"Bucket": request["CopySource"]["Bucket"], "Key": self._key}
            del request["CopySourceIfMatch"]
        return self._client.upload_part_copy(**request)


class Breaking:
    """An S3 client whose second answer with content breaks off in the middle, so many times."""

    def __init__(self, client: S3Client, times: int) -> None:
        self._client = client
        self._left = times
        self.reads = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_object(self, **request: Any) -> Any:
        self.reads += 1
        answer = self._client.get_object(**request)
        if self.reads > 1 and self._left:
            self._left -= 1
            return {"Body": Broken()}
        return answer


class Broken:
    """A body of which only the beginning comes."""

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        yield bytes(size)
        raise ConnectionClosedError(endpoint_url="s3")


def stored(deployed: DeployedGas, content: bytes = CONTENT) -> ResultFile:
    key = f"u/j/{new_id()}/my.annot.vcf.gz"
    deployed.aws.s3().put_object(
        Bucket=deployed.settings.bucket("results"), Key=key, Body=content, Metadata={"from": "j"}
    )
    digest = hashlib.sha256(content).hexdigest()
    return ResultFile(kind=ResultKind.VCF, key=key, size_bytes=len(content), sha256=digest)


def store_of(deployed: DeployedGas, copying: object = None) -> S3ArchiveStore:
    s3 = deployed.aws.s3()
    return S3ArchiveStore(
        s3,
        cast("S3Client", copying or s3),
        s3,
        warm_bucket=deployed.settings.bucket("results"),
        cold_bucket=deployed.settings.bucket("archive"),
        tiers=[Tier.STANDARD],
        now=utc_now,
        new_id=new_id,
        part_bytes=PART,
    )


def unfinished(deployed: DeployedGas) -> list[str]:
    page = deployed.aws.s3().list_multipart_uploads(Bucket=deployed.settings.bucket("archive"))
    return [found["Key"] for found in page.get("Uploads", [])]


def archives(deployed: DeployedGas) -> set[str]:
    page = deployed.aws.s3().list_objects_v2(Bucket=deployed.settings.bucket("archive"))
    return {found["Key"] for found in page.get("Contents", [])}


def test_a_large_result_is_archived_in_checked_parts(deployed: DeployedGas) -> None:
    copy = store_of(deployed).put("u", "j", stored(deployed))
    head = deployed.aws.s3().head_object(
        Bucket=deployed.settings.bucket("archive"), Key=copy.archive_id
    )
    assert head["ETag"].endswith('-3"'), "three parts"
    assert head["StorageClass"] == "GLACIER"
    assert head["ContentLength"] == len(CONTENT)
    assert head["Metadata"] == {"from": "j"}
    assert unfinished(deployed) == []


def test_a_large_result_with_another_content_than_the_log_is_refused(
    deployed: DeployedGas,
) -> None:
    before = archives(deployed)
    wrong = stored(deployed).model_copy(update={"sha256": "0" * 64})
    with pytest.raises(DamagedCopy, match="not what the log contains"):
        store_of(deployed).put("u", "j", wrong)
    shorter = stored(deployed).model_copy(update={"size_bytes": len(CONTENT) + 1})
    with pytest.raises(DamagedCopy, match="bytes"):
        store_of(deployed).put("u", "j", shorter)
    assert archives(deployed) == before
    assert unfinished(deployed) == []


def test_a_part_that_was_damaged_on_its_way_is_noticed(deployed: DeployedGas) -> None:
    before = archives(deployed)
    other = stored(deployed, CONTENT[::-1])  # of the same size
    damaging = OtherPart(deployed.aws.s3(), other.key)
    with pytest.raises(DamagedCopy, match="part 2"):
        store_of(deployed, damaging).put("u", "j", stored(deployed))
    assert archives(deployed) == before
    assert unfinished(deployed) == []


def test_a_part_whose_reading_breaks_off_is_read_again(deployed: DeployedGas) -> None:
    before = archives(deployed)
    breaking = Breaking(deployed.aws.s3(), times=2)
    copy = store_of(deployed, breaking).put("u", "j", stored(deployed))
    assert breaking.reads == 5
    assert archives(deployed) - before == {copy.archive_id}
    with pytest.raises(ConnectionClosedError):
        store_of(deployed, Breaking(deployed.aws.s3(), times=3)).put("u", "j", stored(deployed))
    assert archives(deployed) - before == {copy.archive_id}
    assert unfinished(deployed) == []


def test_a_copy_that_a_crash_left_is_aborted_when_it_is_old(deployed: DeployedGas) -> None:
    bucket = deployed.settings.bucket("archive")
    deployed.aws.s3().create_multipart_upload(Bucket=bucket, Key="u/j/1/left")
    files = S3Files(deployed.aws.s3(), bucket)
    assert files.abort_unfinished(utc_now() - timedelta(days=1)) == 0
    assert unfinished(deployed) == ["u/j/1/left"]
    assert store_of(deployed).abort_unfinished(utc_now() + timedelta(minutes=1)) == 1
    assert unfinished(deployed) == []


def test_parts_of_a_large_result_are_joined_with_the_patience_of_copies(
    deployed: DeployedGas,
) -> None:
    aws = Aws(deployed.settings)
    waits: list[float] = []

    def remember(context: Any, **_: Any) -> None:
        waits.append(context["client_config"].read_timeout)

    aws.events.register("before-call.s3.UploadPartCopy", remember)
    settings = AnnotatorSettings(**deployed.settings.model_dump())
    worker = Worker("annotator", settings, aws, deployed.write_context, Stopping())
    results = ports_of(worker, settings).results
    content = bytes(WHOLE_BYTES // 2 + 1)
    key, bucket = f"{new_id()}/part", deployed.settings.bucket("results")
    deployed.aws.s3().put_object(Bucket=bucket, Key=key, Body=content)
    files = S3Files(deployed.aws.s3(), bucket)
    piece = StoredPiece(files, key, len(content), hashlib.sha256(content).hexdigest())
    made = results.assemble(f"{key}-joined", [piece, piece], "application/gzip")
    assert made.size_bytes == files.info(f"{key}-joined").size_bytes == 2 * len(content)
    assert waits == [300, 300]
    files.erase(key)


def test_a_result_that_s3_joined_is_archived(
    deployed: DeployedGas, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of such a result the embedded emulator knows no SHA-256, nor of a copy of it."""
    monkeypatch.setattr(s3_assembly, "WHOLE_BYTES", 1)
    files = S3Files(deployed.aws.s3(), deployed.settings.bucket("results"))
    warm = stored(deployed, b"a part")
    joined = warm.model_copy(update={"key": f"{warm.key}-joined"})
    piece = StoredPiece(files, warm.key, warm.size_bytes, warm.sha256)
    assert files.assemble(joined.key, [piece], "application/gzip").sha256 is None
    copy = store_of(deployed).put("u", "j", joined)
    cold = S3Files(deployed.aws.s3(), deployed.settings.bucket("archive"))
    assert cold.info(copy.archive_id).size_bytes == joined.size_bytes
    wrong = joined.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(DamagedCopy):
        store_of(deployed).put("u", "j", wrong)


def test_the_client_of_copies_waits_longer_than_a_copy_takes(
    deployed: DeployedGas, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients: list[Any] = []  # its options have no types
    monkeypatch.setattr(wiring, "S3ArchiveStore", lambda *given, **_: clients.extend(given))
    cold = ColdSettings(prefix=deployed.settings.prefix)
    wiring.archive_store(cold, deployed.aws, utc_now)
    usual, copying, restoring = (client.meta.config for client in clients)
    assert (usual.read_timeout, copying.read_timeout) == (30, 300)
    assert copying.retries == usual.retries
    assert copying.signature_version == "s3v4"
    assert restoring.retries["total_max_attempts"] == 1
