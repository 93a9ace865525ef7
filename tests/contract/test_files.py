"""Files in a bucket."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gas.files.bucket import FileChanged, NoSuchFile, Pin
from gas.runtime.repositories import utc_now
from tests.contract.cold_storage import ColdStorage


def test_files_are_stored_described_streamed_and_deleted(cold_storage: ColdStorage) -> None:
    content = b"x" * 3_000_000
    file = cold_storage.stored(content)
    info = cold_storage.warm.info(file.key)
    assert (info.size_bytes, info.sha256) == (len(content), file.sha256)
    chunks = list(cold_storage.warm.stream(file.key))
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= 1 << 20
    assert file.key in _stored(cold_storage, timedelta(minutes=1))
    assert file.key not in _stored(cold_storage, -timedelta(minutes=1))
    cold_storage.warm.copy(file.key, "copies/one")
    assert b"".join(cold_storage.warm.stream("copies/one")) == content
    with pytest.raises(NoSuchFile):
        cold_storage.warm.copy("never/was", "copies/two")
    cold_storage.warm.delete([file.key, "never/was"])
    assert b"".join(cold_storage.warm.stream("copies/one")) == content, "a copy has its own life"
    cold_storage.warm.delete([])
    with pytest.raises(NoSuchFile):
        cold_storage.warm.info(file.key)
    with pytest.raises(NoSuchFile):
        cold_storage.warm.stream(file.key)


def test_what_was_deleted_can_be_brought_back_and_what_was_erased_cannot(
    cold_storage: ColdStorage,
) -> None:
    files, began = cold_storage.warm, utc_now() - timedelta(minutes=1)
    kept, deleted, erased = (cold_storage.stored(b"content") for _ in range(3))
    files.delete([deleted.key, erased.key])
    files.delete([deleted.key])  # once more: two markers in S3
    files.erase(erased.key)
    found = set(files.deleted_since(began))
    assert deleted.key in found
    assert {kept.key, erased.key}.isdisjoint(found)
    for file in (kept, deleted, erased):
        files.bring_back(file.key)
    assert cold_storage.content(deleted.key) == cold_storage.content(kept.key) == b"content"
    assert deleted.key not in set(files.deleted_since(began))
    with pytest.raises(NoSuchFile):
        files.info(erased.key)
    with pytest.raises(ValueError, match="whole bucket"):
        files.erase("")


def test_a_pinned_content_is_read_and_copied_whatever_was_written_since(
    cold_storage: ColdStorage,
) -> None:
    files, path = cold_storage.warm, cold_storage.folder / "other"
    key = cold_storage.stored(b"submitted").key
    info = files.info(key)
    etag = info.etag.strip('"')
    pin, by_etag = Pin(etag, info.version_id), Pin(etag)
    assert b"".join(files.stream(key, by_etag)) == b"submitted"
    path.write_bytes(b"written later")
    files.put(key, path, "text/plain")
    assert b"".join(files.stream(key)) == b"written later"
    assert b"".join(files.stream(key, pin)) == b"submitted"
    assert files.info(key, pin).etag == info.etag
    files.copy(key, "copies/pinned", pin)
    assert b"".join(files.stream("copies/pinned")) == b"submitted"
    for wrong in (by_etag, Pin("0" * 32, info.version_id)):
        with pytest.raises(FileChanged):
            files.stream(key, wrong)
        with pytest.raises(FileChanged):
            files.info(key, wrong)
        with pytest.raises(FileChanged):
            files.copy(key, "copies/another", wrong)
    files.erase(key)
    with pytest.raises((NoSuchFile, FileChanged)):
        files.stream(key, pin)


def test_metadata_is_kept_with_a_file_and_its_copies(
    cold_storage: ColdStorage, tmp_path: Path
) -> None:
    path = tmp_path / "content"
    path.write_bytes(b"x")
    cold_storage.warm.put("u/j/a/with", path, "text/plain", {"from": "here"})
    cold_storage.warm.copy("u/j/a/with", "u/j/a/copy")
    assert cold_storage.warm.info("u/j/a/copy").metadata == {"from": "here"}
    assert cold_storage.warm.info(cold_storage.stored().key).metadata == {}
    cold_storage.warm.quarantine("u/j/a/with", "period 1")


def _stored(cold_storage: ColdStorage, ago: timedelta) -> set[str]:
    return {file.key for file in cold_storage.warm.stored_before(utc_now() + ago)}
