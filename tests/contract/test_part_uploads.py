"""Uploads in parts to a bucket, in memory and on AWS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from gas.aws.clients import Aws
from gas.events import new_id
from gas.files.bucket import Files, NoSuchFile
from gas.files.part_uploads import NoSuchUpload, PartUploads
from gas.files.s3 import S3Files
from gas.files.s3_part_uploads import S3PartUploads
from gas.memory.files import MemoryFiles
from gas.memory.part_uploads import MemoryPartUploads
from gas.runtime.repositories import utc_now
from gas.settings import Settings

FULL = b"x" * (5 << 20)  # S3 wants at least so much of each part but the last


@dataclass(frozen=True)
class Bucket:
    """Its uploads and objects; ``send`` is what the holder of a signed address does."""

    uploads: PartUploads
    files: Files
    send: Callable[[str, str, int, bytes], object]


@pytest.fixture
def bucket(settings: Settings | None) -> Bucket:
    if settings is None:
        files = MemoryFiles("inputs", utc_now)
        uploads = MemoryPartUploads(files)
        return Bucket(uploads, files, lambda _, id, number, body: uploads.send(id, number, body))
    s3, name = Aws(settings).s3(), settings.bucket("inputs")

    def send(key: str, bucket_id: str, number: int, body: bytes) -> None:
        s3.upload_part(Bucket=name, Key=key, UploadId=bucket_id, PartNumber=number, Body=body)

    return Bucket(S3PartUploads(s3, name), S3Files(s3, name), send)


def test_parts_become_a_file_once_and_in_their_order(bucket: Bucket) -> None:
    key = f"u/{new_id()}"
    upload = bucket.uploads.begin(key)
    assert bucket.uploads.parts(key, upload) == []
    bucket.send(key, upload, 2, b"the end")
    bucket.send(key, upload, 1, b"cut short")
    bucket.send(key, upload, 1, FULL)  # again, after a lost answer
    parts = bucket.uploads.parts(key, upload)
    assert [(part.number, part.size_bytes) for part in parts] == [(1, len(FULL)), (2, 7)]
    with pytest.raises(NoSuchFile):
        bucket.files.info(key)
    bucket.uploads.complete(key, upload, parts)
    assert b"".join(bucket.files.stream(key)) == FULL + b"the end"
    for gone in (upload, "another"):
        with pytest.raises(NoSuchUpload):
            bucket.uploads.parts(key, gone)
    bucket.uploads.abort(key, upload)  # too late: the file stays
    assert bucket.files.info(key).size_bytes == len(FULL) + 7


def test_an_aborted_upload_and_an_abandoned_one_are_gone(bucket: Bucket) -> None:
    key = f"u/{new_id()}"
    aborted, abandoned = bucket.uploads.begin(key), bucket.uploads.begin(key)
    for upload in (aborted, abandoned):
        bucket.send(key, upload, 1, b"a part")
    parts = bucket.uploads.parts(key, aborted)
    bucket.uploads.abort(key, aborted)
    bucket.uploads.abort(key, aborted)
    with pytest.raises(NoSuchUpload):
        bucket.uploads.parts(key, aborted)
    bucket.files.abort_unfinished(utc_now() - timedelta(days=1))
    assert len(bucket.uploads.parts(key, abandoned)) == 1, "it may still go on"
    bucket.files.abort_unfinished(utc_now() + timedelta(minutes=1))
    with pytest.raises(NoSuchUpload):
        bucket.uploads.complete(key, abandoned, parts)
