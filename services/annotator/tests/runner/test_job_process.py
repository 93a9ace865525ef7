"""The process of one job: how it is started, and with what limits."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from annotator.consequences.engine import DatabaseUnusable
from annotator.processes.pipes import EngineFailed
from annotator.runner import parent, protocol
from annotator.runner.children import Child, SpareChildren
from tests.support.annotation import record, run, vcf

REPORT = """
import json, os, sys, tempfile
from annotator.runner.children import receive
from annotator.runner.protocol import Task
task, connector = receive(Task.model_validate_json)
found = {
    "environment": dict(os.environ), "folder": os.getcwd(), "temporary": tempfile.gettempdir(),
    "leads_session": os.getsid(0) == os.getpid(), "connector": connector is not None,
}
print(json.dumps({"kind": "unusable", "message": json.dumps(found)}), flush=True)
"""
GREEDY = """
from annotator.processes.pipes import Limits
Limits(1 << 30, 10, 1 << 20).apply()
bytearray(2 << 30)
"""


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has children run a program of the test's."""
    started = subprocess.Popen

    def use(text: str) -> None:
        def instead(command: list[str], **options: Any) -> Any:
            assert command[-2:] == ["-m", "annotator.child"]
            return started([*command[:-2], "-c", text], **options)

        monkeypatch.setattr(subprocess, "Popen", instead)

    return use


@pytest.fixture
def spare() -> Iterator[SpareChildren]:
    kept = SpareChildren(1)
    kept.fill()
    yield kept
    kept.stop()


def task_in(folder: Path, source: Path | None = None) -> protocol.Task:
    return protocol.Task(
        input=str(source or "in"),
        filename="in",
        bundle="human-mt",
        folder=str(folder),
        max_inflated_bytes=1 << 20,
        max_seconds=20,
    )


def annotate(task: protocol.Task, spare: SpareChildren | None = None) -> dict[str, int]:
    return parent.annotate(task, on_tick=lambda *_: None, should_stop=lambda: False, children=spare)


def test_a_job_runs_in_its_own_folder_session_and_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Callable[[str], None]
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "very secret")
    program(REPORT)
    with pytest.raises(DatabaseUnusable) as told:
        annotate(task_in(tmp_path))
    found = json.loads(str(told.value))
    assert found["folder"] == found["temporary"] == found["environment"]["TMPDIR"] == str(tmp_path)
    assert found["leads_session"]
    assert not found["connector"]
    assert not any("secret" in value for value in found["environment"].values())
    assert not any(name.startswith("AWS_") for name in found["environment"])


def test_what_lies_in_its_folder_is_not_imported(tmp_path: Path) -> None:
    for name in ("polars.py", "annotator.py", "json.py"):
        (tmp_path / name).write_text("raise SystemExit('imported from the folder')")
    assert run(vcf(record("3460\t.\tG\tA")), tmp_path).counts["annotated"] == 1


def test_one_that_wants_too_much_memory_ends_and_its_parent_says_so(
    tmp_path: Path, program: Callable[[str], None]
) -> None:
    program(GREEDY)
    with pytest.raises(EngineFailed, match="MemoryError"):
        annotate(task_in(tmp_path))


def test_a_spare_process_serves_one_job_and_is_followed_by_another(
    tmp_path: Path, spare: SpareChildren
) -> None:
    source = tmp_path / "in.vcf"
    source.write_bytes(vcf(record("3460\t.\tG\tA")))
    used = []
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
        used.append(_waiting(spare).process.pid)
        assert annotate(task_in(tmp_path / name, source), spare)["annotated"] == 1
        assert not Path(f"/proc/{used[-1]}").exists()
    assert used[0] != used[1]


def test_a_spare_process_that_died_is_not_used(tmp_path: Path, spare: SpareChildren) -> None:
    source = tmp_path / "in.vcf"
    source.write_bytes(vcf(record("3460\t.\tG\tA")))
    dead = _waiting(spare)
    os.kill(dead.process.pid, signal.SIGKILL)
    dead.process.wait()
    assert annotate(task_in(tmp_path, source), spare)["annotated"] == 1


def test_a_spare_process_leaves_when_its_parent_does(spare: SpareChildren) -> None:
    process = _waiting(spare).process
    spare.stop()
    assert process.wait(20) == 0 or process.returncode == -signal.SIGKILL


def _waiting(spare: SpareChildren) -> Child:
    until = time.monotonic() + 20
    while not spare._waiting and time.monotonic() < until:
        time.sleep(0.01)
    return spare._waiting[0]
