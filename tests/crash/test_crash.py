"""A slice of the crash matrix; ``make crash`` runs it whole."""

import pytest

from tests.crash.matrix import run_matrix

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

EVERY = 193


def test_no_promise_is_broken_at_every_193rd_call_of_every_story(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_matrix(every=EVERY) == 0, capsys.readouterr().out
