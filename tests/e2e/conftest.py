"""One whole stack as processes, for all tests of the folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gas.observability import tracing
from local import traces
from local.demo import running_stack
from local.ports import HOST
from local.stack import Stack

GRACE_SECONDS = 3
SPLIT_BYTES, PART_BYTES = 1_000_000, 65_536
SMALL_PARTS = {"GAS_SPLIT_BYTES": str(SPLIT_BYTES), "GAS_PART_BYTES": str(PART_BYTES)}


@pytest.fixture(scope="package")
def collector() -> Iterator[str]:
    """The URL to which the services send their spans."""
    server = traces.serve(0)
    url = f"http://{HOST}:{server.server_address[1]}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(tracing.ENDPOINT, url)
        yield url
    server.shutdown()


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory, collector: str) -> Iterator[Stack]:
    state = tmp_path_factory.mktemp("stack")
    with running_stack(state, GRACE_SECONDS, SMALL_PARTS) as running:
        yield running
