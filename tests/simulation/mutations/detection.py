"""Runs schedules until one detects a mutation."""

from __future__ import annotations

from tests.simulation.__main__ import quiet
from tests.simulation.mutations import applied
from tests.simulation.schedule import BrokenPromise, run

MOST_SCHEDULES = 1_500


def schedules_to_detect(name: str) -> int | None:
    """How many schedules ran until one failed; None where none of MOST_SCHEDULES did."""
    quiet()
    with applied(name):
        for seed in range(MOST_SCHEDULES):
            try:
                run(seed)
            except BrokenPromise:
                return seed + 1
    return None
