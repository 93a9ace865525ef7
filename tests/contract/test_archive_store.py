"""Cold storage: S3's Glacier class and Glacier vaults."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from gas.archive.store import DamagedCopy, Readiness, StillCold
from gas.events import InvalidEvent, Tier, new_id
from gas.runtime.repositories import utc_now
from tests.contract.cold_storage import ColdStorage


def test_a_result_is_the_same_after_cold_storage(cold_storage: ColdStorage) -> None:
    file = cold_storage.stored(b"result" * 1000)
    copy = cold_storage.store.put("u", "j", file)
    assert (copy.size_bytes, copy.sha256) == (file.size_bytes, file.sha256)
    cold_storage.warm.delete([file.key])
    back = file.model_copy(update={"key": f"u/j/{new_id()}/my.annot.vcf.gz"})
    assert cold_storage.store.readiness(copy, None) is Readiness.COLD
    with pytest.raises(StillCold):
        cold_storage.store.fetch(copy, back, None)
    promise = cold_storage.store.request_restore("u", "j", copy)
    assert promise.expected_by > datetime.now(UTC)
    again = cold_storage.store.request_restore("u", "j", copy)
    assert again.retrieval == promise.retrieval, "a second retrieval was requested and paid for"
    (notice,) = cold_storage.store.parse_notice(cold_storage.thaw(copy))
    assert (notice.job_id, notice.archive_id, notice.retrieval, notice.succeeded) == (
        *("j", copy.archive_id, promise.retrieval, True),
    )
    assert cold_storage.store.readiness(copy, promise.retrieval) is Readiness.READABLE
    cold_storage.store.fetch(copy, back, notice.retrieval)
    assert cold_storage.content(back.key) == b"result" * 1000
    cold_storage.store.delete(copy)
    cold_storage.store.delete(copy)


def test_each_copy_has_an_id_of_its_own(cold_storage: ColdStorage) -> None:
    file = cold_storage.stored()
    first, second = (cold_storage.store.put("u", "j", file) for _ in range(2))
    assert first.archive_id != second.archive_id
    cold_storage.store.delete(first)
    assert cold_storage.store.request_restore("u", "j", second).tier is Tier.EXPEDITED


def test_a_file_with_another_checksum_than_the_log_is_refused(cold_storage: ColdStorage) -> None:
    file = cold_storage.stored()
    wrong = file.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(DamagedCopy):
        cold_storage.store.put("u", "j", wrong)
    assert cold_storage.content(file.key) == b"result"


def test_a_missing_archive_cannot_be_restored(cold_storage: ColdStorage) -> None:
    copy = cold_storage.store.put("u", "j", cold_storage.stored())
    cold_storage.store.delete(copy)
    with pytest.raises(Exception, match=rf"{copy.archive_id}|NoSuchKey|NotFound|404"):
        cold_storage.store.request_restore("u", "j", copy)


def test_the_store_lists_its_copies_with_their_jobs(cold_storage: ColdStorage) -> None:
    copy = cold_storage.store.put("u", "j", cold_storage.stored())
    soon = utc_now() + timedelta(minutes=1)
    deadline = time.monotonic() + 20
    while True:  # a vault makes its inventory later
        listed = [held for held in cold_storage.store.stored_before(soon) if held.job_id == "j"]
        if copy.archive_id in {held.archive_id for held in listed}:
            break
        assert time.monotonic() < deadline, "the copy is not listed"
        time.sleep(0.3)
    assert {held.store for held in listed} >= {copy.store}
    early = cold_storage.store.stored_before(utc_now() - timedelta(minutes=1))
    assert copy.archive_id not in {held.archive_id for held in early}


@pytest.mark.parametrize("body", ["", "hello", "[]", "{}", '{"Records": [{}]}'])
def test_a_message_that_is_not_a_notice_is_refused(cold_storage: ColdStorage, body: str) -> None:
    with pytest.raises(InvalidEvent):
        cold_storage.store.parse_notice(body)
