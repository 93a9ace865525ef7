"""Uploads in parts to a bucket in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from gas.files.part_uploads import NoSuchUpload, StoredPart
from gas.memory.files import MemoryFiles, Unfinished


class MemoryPartUploads:
    """The unfinished uploads of that bucket; ``send`` does what a signed address allows."""

    def __init__(self, files: MemoryFiles) -> None:
        self._files = files

    def begin(self, key: str) -> str:
        return self._files.begin_unfinished(key)

    def send(self, bucket_id: str, number: int, content: bytes) -> None:
        """Store a part, or store it again."""
        self._files.unfinished[bucket_id].parts[number] = content

    def parts(self, key: str, bucket_id: str) -> list[StoredPart]:
        parts = sorted(self._upload(key, bucket_id).parts.items())
        return [StoredPart(number, len(content), _etag(content)) for number, content in parts]

    def complete(self, key: str, bucket_id: str, parts: Sequence[StoredPart]) -> None:
        sent = self._upload(key, bucket_id).parts
        self._files.write(key, b"".join(sent[part.number] for part in parts))
        del self._files.unfinished[bucket_id]

    def abort(self, key: str, bucket_id: str) -> None:  # noqa: ARG002
        self._files.unfinished.pop(bucket_id, None)

    def _upload(self, key: str, bucket_id: str) -> Unfinished:
        found = self._files.unfinished.get(bucket_id)
        if found is None or found.key != key:
            raise NoSuchUpload(key)
        return found


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
