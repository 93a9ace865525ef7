"""The port of uploads in parts: others send each part to the bucket, with a signed address.

What was sent becomes an object when the upload is completed; until then no reader sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

MOST_PARTS = 1_000
"""S3 allows 10,000; it lists so many in one answer, and completes that many within seconds."""


class NoSuchUpload(LookupError):
    """The upload was completed or aborted, or it never was."""


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part that the bucket has: ``number`` from 1, ``etag`` without quotes."""

    number: int
    size_bytes: int
    etag: str


class PartUploads(Protocol):
    """The unfinished uploads of one bucket, each of at most ``MOST_PARTS`` parts."""

    def begin(self, key: str) -> str:
        """Begin an upload to that key; returns the bucket's id of it."""

    def parts(self, key: str, bucket_id: str) -> list[StoredPart]:
        """The parts that are there, by number; at most ``MOST_PARTS``. Raises NoSuchUpload."""

    def complete(self, key: str, bucket_id: str, parts: Sequence[StoredPart]) -> None:
        """Make those parts, in that order, the object at the key. Raises NoSuchUpload."""

    def abort(self, key: str, bucket_id: str) -> None:
        """Drop the upload and its parts; one that is not there any more is no error."""
