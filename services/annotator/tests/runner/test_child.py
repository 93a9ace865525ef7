"""The child process: it ends when it must, and what it says of its end is reported."""

from pathlib import Path

import pytest

from annotator import bundle as bundles
from annotator.processes.pipes import EngineFailed
from annotator.runner import protocol
from annotator.runner.parent import Stopped, annotate
from tests.support.annotation import vcf


def test_the_child_process_stops_when_the_caller_asks(tmp_path: Path) -> None:
    source = tmp_path / "input"
    source.write_bytes(vcf())
    task = protocol.Task(
        input=str(source),
        filename="f",
        bundle="human-mt",
        folder=str(tmp_path),
        max_inflated_bytes=1 << 20,
        max_seconds=60,
    )
    with pytest.raises(Stopped):
        annotate(task, on_tick=lambda *_: None, should_stop=lambda: True)


def test_a_child_process_that_dies_is_reported_with_its_last_output(tmp_path: Path) -> None:
    task = protocol.Task(
        input=str(tmp_path / "nowhere"),
        filename="f",
        bundle="human-mt",
        folder=str(tmp_path),
        max_inflated_bytes=1 << 20,
        max_seconds=60,
    )
    with pytest.raises(EngineFailed, match="FileNotFoundError"):
        annotate(task, on_tick=lambda *_: None, should_stop=lambda: False)


@pytest.mark.parametrize("name", ["../etc", ".hidden", "nothing"])
def test_only_installed_bundles_are_found(name: str) -> None:
    with pytest.raises(bundles.NoSuchBundle):
        bundles.find(name)
