"""Tries schedules until one notices a deliberate fault."""

from __future__ import annotations

from tests.simulation.__main__ import quiet
from tests.simulation.mutations import applied
from tests.simulation.schedule import BrokenPromise, run

MOST_SCHEDULES = 1_500


def schedules_to_notice(name: str) -> int | None:
    """How many schedules run until one breaks; None where none of so many does."""
    quiet()
    with applied(name):
        for seed in range(MOST_SCHEDULES):
            try:
                run(seed)
            except BrokenPromise:
                return seed + 1
    return None
