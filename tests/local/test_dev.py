"""The command that runs the embedded stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from local import dev
from local.stack import Stack


def test_a_port_that_no_browser_opens_is_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    started: list[Stack] = []

    def start(stack: Stack) -> int:
        started.append(stack)
        return 0

    monkeypatch.setattr(dev, "is_free", lambda port: True)
    monkeypatch.setattr(dev, "run", start)
    command = ["dev", "--state", str(tmp_path), "--port"]
    monkeypatch.setattr("sys.argv", [*command, "6000"])
    assert dev.main() == 1
    assert not started
    assert "no browser opens port 6000" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", [*command, "6001"])
    assert dev.main() == 0
    assert [stack.web_port for stack in started] == [6001]
