"""The process of one job: how it is started, and with what limits."""

import json
import sys
from pathlib import Path

import pytest

from annotator.processes.pipes import EngineFailed
from annotator.runner import parent, protocol
from tests.support.annotation import record, run, vcf

CHILD = """
import json, os, sys
task = json.loads(sys.stdin.read())
print(json.dumps({"kind": "unusable", "message": json.dumps({
    "environment": dict(os.environ), "folder": os.getcwd(), "task": task,
    "session": os.getsid(0) == os.getpid(),
})}), flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a new process group is needed")
def test_a_job_runs_in_its_own_folder_session_and_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "very secret")
    started = parent.subprocess.Popen

    def instead(command: list[str], **options: object) -> object:
        assert command[-2:] == ["-m", "annotator.runner"]
        return started([*command[:-2], "-c", CHILD], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(parent.subprocess, "Popen", instead)
    task = protocol.Task(
        input="in", filename="in", bundle="human-mt", folder=str(tmp_path),
        max_inflated_bytes=1, max_seconds=20,
    )  # fmt: skip
    with pytest.raises(parent.DatabaseUnusable) as told:
        parent.annotate(task, on_tick=lambda *_: None, should_stop=lambda: False)
    found = json.loads(str(told.value))
    assert found["folder"] == found["environment"]["TMPDIR"] == str(tmp_path)
    assert found["session"]
    assert not any("secret" in value for value in found["environment"].values())


def test_what_lies_in_its_folder_is_not_imported(tmp_path: Path) -> None:
    for name in ("polars.py", "annotator.py", "json.py"):
        (tmp_path / name).write_text("raise SystemExit('imported from the folder')")
    assert run(vcf(record("3460\t.\tG\tA")), tmp_path).counts["annotated"] == 1


def test_memory_without_bound_is_not_granted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that asks for more ends, and its parent lives to tell."""
    monkeypatch.setattr(parent.sandbox, "environment", lambda _: {"PYTHONMALLOC": "malloc"})
    code = (
        "from annotator.processes.pipes import Limits; Limits(1 << 30, 10, 1 << 20).apply(); "
        "bytearray(2 << 30)"
    )
    started = parent.subprocess.Popen
    monkeypatch.setattr(
        parent.subprocess,
        "Popen",
        lambda command, **options: started([*command[:-2], "-c", code], **options),
    )
    task = protocol.Task(
        input="in", filename="in", bundle="human-mt", folder=str(tmp_path),
        max_inflated_bytes=1, max_seconds=20,
    )  # fmt: skip
    with pytest.raises(EngineFailed, match="MemoryError"):
        parent.annotate(task, on_tick=lambda *_: None, should_stop=lambda: False)
