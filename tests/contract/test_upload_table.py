"""The table of uploads and idempotency keys: each becomes one job."""

from __future__ import annotations

import pytest

from gas.events import new_id
from gas.eventstore.guards import ClaimKey, ClaimUpload, GuardFailed
from gas.tables.uploads import KeyUse, Upload
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
