"""Implementations of the ports: in memory, and on one AWS installation for all contract tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gas.settings import Settings
from tests.contract.cold_storage import ColdStorage, cold_storage_in_memory, cold_storage_on_aws
from tests.contract.event_store import EventStore, event_store_in_memory, event_store_on_aws
from tests.support.clock import ManualClock
from tests.support.servers import deployed_installation


@pytest.fixture(scope="package")
def installation(emulator: str) -> Iterator[Settings]:
    """One installation for the package: a deployment for each module would double the time."""
    with deployed_installation(emulator) as settings:
        yield settings


@pytest.fixture(params=["memory", pytest.param("aws", marks=pytest.mark.integration)])
def settings(request: pytest.FixtureRequest) -> Settings | None:
    """The installation on AWS; None in memory."""
    if request.param == "memory":
        return None
    found: Settings = request.getfixturevalue("installation")
    return found


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
def store(settings: Settings | None) -> EventStore:
    return event_store_on_aws(settings) if settings else event_store_in_memory()


@pytest.fixture(params=["s3", "vault"])
def cold_storage(
    request: pytest.FixtureRequest,
    settings: Settings | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> ColdStorage:
    if settings is None:
        return cold_storage_in_memory(request.param, tmp_path)
    if request.param == "vault":
        monkeypatch.setenv("AWS_ENDPOINT_URL_GLACIER", request.getfixturevalue("vaults"))
    return cold_storage_on_aws(request.param, settings, tmp_path)
