"""What the demo prints on its way."""

import time

import pytest

from local.demo import Storyteller


def test_a_long_step_says_that_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    tell = Storyteller(progress_seconds=0.05)
    with tell.step("wait"):
        time.sleep(0.3)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0].endswith("wait …")
    assert lines[1].startswith("… ")
    assert lines[-1].endswith("✓ wait")


def test_a_short_step_says_no_more_than_that(capsys: pytest.CaptureFixture[str]) -> None:
    with Storyteller().step("wait"):
        pass
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_step_that_fails_is_not_ticked_off(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), Storyteller().step("wait"):
        raise RuntimeError
    assert "✓" not in capsys.readouterr().out
