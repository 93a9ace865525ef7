"""The installation that a module of integration tests works on."""

from __future__ import annotations

import pytest

from gas.settings import Settings
from tests.integration.deployed import DeployedGas


@pytest.fixture
def deployed(installation: Settings) -> DeployedGas:
    return DeployedGas(installation)
