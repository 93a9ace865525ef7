"""The AWS emulator, started once for all tests that need it, and installations on it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from gas.settings import Settings
from tests.support.servers import deployed_installation, running_emulator, running_vaults


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the back end: the embedded one, or ``GAS_TEST_AWS_URL`` (of LocalStack)."""
    if chosen := os.environ.get("GAS_TEST_AWS_URL"):
        yield chosen
        return
    with running_emulator(tmp_path_factory.mktemp("emulator")) as url:
        yield url


@pytest.fixture(scope="session")
def vaults(emulator: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server of Glacier vaults whose notices go to the emulator's topics."""
    with running_vaults(emulator, tmp_path_factory.mktemp("vaults")) as url:
        yield url


@pytest.fixture(scope="module")
def installation(emulator: str) -> Iterator[Settings]:
    """An installation for one module of tests, so that modules do not share queues and tables."""
    with deployed_installation(emulator) as settings:
        yield settings
