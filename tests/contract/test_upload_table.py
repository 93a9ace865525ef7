"""The table of uploads and idempotency keys: each becomes one job."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gas.domain.account import Close
from gas.events import new_id
from gas.eventstore.guards import AccountIsOpen, ClaimKey, ClaimUpload, Guard, GuardFailed
from gas.tables.uploads import FETCHED, KeyUse, Upload
from tests.contract.event_store import EventStore, submit


def test_an_upload_becomes_one_job(store: EventStore) -> None:
    user = store.user()
    upload = Upload(new_id(), user, "key", "f.vcf", 1, expires_at=4_000_000_000)
    store.uploads.put(upload)
    assert store.uploads.get(upload.upload_id) == upload
    first, second = new_id(), new_id()
    claim = ClaimUpload(upload.upload_id, first)
    store.jobs.execute(first, submit(first, user), guards=[claim])
    claimed = store.uploads.get(upload.upload_id)
    assert claimed is not None
    assert (claimed.job_id, claimed.expires_at) == (first, None)
    store.uploads.put(upload)
    assert store.uploads.get(upload.upload_id) == claimed, "an upload keeps its job"
    with pytest.raises(GuardFailed) as failed:
        store.jobs.execute(
            second, submit(second, user), guards=[ClaimUpload(upload.upload_id, second)]
        )
    assert isinstance(failed.value.guard, ClaimUpload)
    assert store.log.read(f"job/{second}") == []
    assert store.uploads.get("nothing") is None


def test_many_uploads_are_stored_and_read_together(store: EventStore) -> None:
    user = store.user()
    uploads = {
        one.upload_id: one
        for one in (Upload(new_id(), user, f"k{n}", "f.vcf", n, expires_at=9) for n in range(20))
    }
    store.uploads.put_new(list(uploads.values()))
    store.uploads.put_new([])
    assert store.uploads.get_all([*uploads, *uploads, new_id()]) == uploads
    assert store.uploads.get_all([]) == {}


def test_the_address_of_an_upload_is_forgotten_and_nothing_else(store: EventStore) -> None:
    user = store.user()
    upload = Upload(FETCHED + new_id(), user, "key", "f.vcf", 1, source_url="https://e.org/?s=1")
    store.uploads.put(upload)
    assert store.uploads.get(upload.upload_id) == upload
    for _ in range(2):
        store.uploads.forget_source(upload.upload_id)
        assert store.uploads.get(upload.upload_id) == replace(upload, source_url=None)
    store.uploads.forget_source("nothing")
    assert store.uploads.get("nothing") is None, "no row is made"


def test_an_idempotency_key_belongs_to_one_job(store: EventStore) -> None:
    user = store.user()
    first, second = new_id(), new_id()
    key = ClaimKey(user, "k", first, 4_000_000_000, "a" * 64)
    store.jobs.execute(first, submit(first, user), guards=[key])
    assert store.uploads.use_of_key(user, "k") == KeyUse(first, "a" * 64)
    assert store.uploads.use_of_key(user, "other") is None
    assert store.uploads.use_of_key(store.user(), "k") is None
    again = ClaimKey(user, "k", second, 4_000_000_000, "b" * 64)
    with pytest.raises(GuardFailed):
        store.jobs.execute(second, submit(second, user), guards=[again])


def test_open_uploads_are_those_of_the_user_without_a_job_and_not_over(store: EventStore) -> None:
    now = 1_800_000_000
    user = store.user()
    ends = (now, now + 1, now + 2, now + 3)
    uploads = [Upload(new_id(), user, "key", "f.vcf", 1, expires_at=end) for end in ends]
    for upload in (*uploads, Upload(new_id(), store.user(), "key", "f.vcf", 1, now + 1)):
        store.uploads.put(upload)
    assert store.uploads.count_open(user, now, 10) == 3
    assert store.uploads.count_open(user, now, 2) == 2
    job = new_id()
    claims: list[Guard] = [ClaimUpload(uploads[3].upload_id, job)]
    claims.append(ClaimKey(user, "k", job, now + 9, "a" * 64))
    store.jobs.execute(job, submit(job, user), guards=claims)
    assert store.uploads.count_open(user, now, 10) == 2, "a submitted upload is not open"


def test_open_uploads_are_listed_and_rows_of_deleted_jobs_forgotten(store: EventStore) -> None:
    user = store.user()
    uploads = [Upload(new_id(), user, "key", "f.vcf", 1, expires_at=end) for end in (1, 4_000_000)]
    for upload in uploads:
        store.uploads.put(upload)
    assert set(store.uploads.all_open(user, 10)) == {upload.upload_id for upload in uploads}
    assert len(store.uploads.all_open(user, 1)) == 1
    job = new_id()
    claim = ClaimUpload(uploads[0].upload_id, job)
    store.jobs.execute(job, submit(job, user), guards=[claim, AccountIsOpen(user)])
    assert store.uploads.all_open(user, 10) == [uploads[1].upload_id]
    for _ in range(2):
        store.uploads.forget(uploads[0].upload_id)
    assert store.uploads.get(uploads[0].upload_id) is None


def test_nothing_is_submitted_after_the_end_of_an_account(store: EventStore) -> None:
    user = store.user()
    store.accounts.execute(user, Close(user, "asked"))
    job = new_id()
    with pytest.raises(GuardFailed) as failed:
        store.jobs.execute(job, submit(job, user), guards=[AccountIsOpen(user)])
    assert isinstance(failed.value.guard, AccountIsOpen)
    assert store.log.read(f"job/{job}") == []
