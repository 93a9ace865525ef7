"""Files in a bucket."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gas.files.bucket import NoSuchFile
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
    assert file.key in set(cold_storage.warm.stored_before(utc_now() + timedelta(minutes=1)))
    assert file.key not in set(cold_storage.warm.stored_before(utc_now() - timedelta(minutes=1)))
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
