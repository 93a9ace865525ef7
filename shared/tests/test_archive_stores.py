"""The stores of an installation that has more than one."""

from datetime import UTC, datetime

import pytest

from gas.archive.stores import ArchiveStores
from gas.memory.archive import MemoryArchiveStore
from tests.support.world import World


def test_unfinished_copies_of_every_store_are_aborted(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    first, second = World().store, World().store
    counts = {id(first): 2, id(second): 1}

    def abort(store: MemoryArchiveStore, before: datetime) -> int:
        assert before == moment
        return counts[id(store)]

    monkeypatch.setattr(MemoryArchiveStore, "abort_unfinished", abort)
    assert ArchiveStores("s3", {"s3": first, "vault": second}).abort_unfinished(moment) == 3
