"""Versions of objects in an S3 bucket: erased for good, or brought back after a deletion.

In a bucket that keeps versions a deletion puts a delete marker on top of the versions of a key.
Source: Amazon S3 user guide, "Working with delete markers".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_DELETE_BATCH = 1_000  # the most keys that DeleteObjects takes


@dataclass(frozen=True, slots=True)
class Marker:
    """The delete marker that hides an object."""

    key: str
    version_id: str
    stored_at: datetime


def delete_all(client: S3Client, bucket: str, objects: Iterable[ObjectIdentifierTypeDef]) -> None:
    """Delete those objects or versions. Raises OSError if S3 refuses."""
    left = iter(objects)
    while batch := list(islice(left, _DELETE_BATCH)):
        answer = client.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
        for fault in answer.get("Errors", []):
            raise OSError(f"{fault.get('Key')} not deleted: {fault.get('Message')}")


def erase(client: S3Client, bucket: str, prefix: str) -> None:
    """Delete every version and marker of every key that begins with ``prefix``.

    Raises OSError if S3 refuses, ValueError for an empty prefix.
    """
    if not prefix:
        raise ValueError("an empty prefix would erase the whole bucket")
    found: list[ObjectIdentifierTypeDef] = []
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        # Listed whole first: to delete while a listing goes on could shift its pages.
        found += [
            {"Key": each["Key"], "VersionId": each["VersionId"]}
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        ]
    delete_all(client, bucket, found)


def markers(client: S3Client, bucket: str, prefix: str) -> Iterator[Marker]:
    """The marker of every object that is deleted; older markers below it are left out."""
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for found in page.get("DeleteMarkers", []):
            if found["IsLatest"]:
                yield Marker(found["Key"], found["VersionId"], found["LastModified"])


def bring_back(client: S3Client, bucket: str, key: str) -> None:
    """Remove the markers that hide the object; repeated deletions have put several on top."""
    while marker := next((m for m in markers(client, bucket, key) if m.key == key), None):
        client.delete_object(Bucket=bucket, Key=key, VersionId=marker.version_id)
