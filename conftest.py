"""What holds for every test, of whichever service."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def default_logs() -> Iterator[None]:
    """Each test logs as a fresh process does: who configures logs does so for itself alone."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
