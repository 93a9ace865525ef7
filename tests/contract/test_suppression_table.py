"""The table of addresses to which no mail is sent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gas.aws.clients import Aws
from gas.events import new_id
from gas.memory.suppressions import MemorySuppressionTable
from gas.settings import Settings
from gas.tables.suppressions import Cause, DynamoSuppressionTable, Suppression, SuppressionTable


@pytest.fixture
def suppressions(settings: Settings | None) -> SuppressionTable:
    if settings is None:
        return MemorySuppressionTable()
    return DynamoSuppressionTable(Aws(settings).dynamodb(), settings.prefix)


@pytest.mark.parametrize("detail", ["General", ""])
def test_mail_to_an_address_stops_and_starts_again(
    suppressions: SuppressionTable, detail: str
) -> None:
    address = f"Ada.{new_id()}@Example.org"
    assert suppressions.get(address) is None
    found = Suppression(Cause.BOUNCE, detail or "-", datetime.now(UTC))
    suppressions.add(address, found)
    suppressions.add(address, found)
    assert suppressions.get(f" {address.lower()} ") == found
    assert suppressions.get(f"x{address}") is None
    assert suppressions.remove(address)
    assert not suppressions.remove(address)
    assert suppressions.get(address) is None
