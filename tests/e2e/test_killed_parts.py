"""Annotators die while they work on one file in parts; `make kill-parts` does it at length."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from annotator.bundle import EMBEDDED, find
from local.stack import Stack
from tests.crash.annotators import annotators
from tests.crash.part_ends import (
    check_as_one_task,
    check_events,
    check_nothing_is_left,
    check_one_mail,
)
from tests.crash.part_kills import EMAIL, FILENAME, Kills, kill_until_done, submitted, user_of
from tests.e2e.conftest import SMALL_PARTS
from tests.support.annotation import run
from tests.support.large_vcf import BUNDLE, many_variants, packed

pytestmark = pytest.mark.e2e

SEED, RECORDS = 7, 4_200
PLAN = {"parts": Kills(2, 1, pause=1.0), "join": Kills(1, 2, pause=0.8)}


def test_whoever_dies_at_a_part_or_the_join_the_result_is_that_of_one_task(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)
    path = packed(many_variants(RECORDS, seed=SEED), tmp_path / FILENAME)
    with annotators(stack, 2, SMALL_PARTS) as workers:
        job = submitted(user_of(stack.url), path)
        seen = kill_until_done(job, workers, PLAN, random.Random(SEED), seconds=200)
        print(f"seed {SEED}: {seen.kills}, {seen.seconds:.0f} s")
        assert seen.kills["parts"] == 2
        assert check_events(job) >= 6
        check_nothing_is_left(job)
    check_one_mail(job, stack.aws_url, EMAIL)
    (tmp_path / "whole").mkdir()
    run(path.read_bytes(), tmp_path / "whole", bundle=find(BUNDLE, EMBEDDED))
    check_as_one_task(job.fetch(tmp_path / "found"), tmp_path / "whole")
