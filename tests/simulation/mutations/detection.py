"""Runs schedules until one detects a mutation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.simulation.__main__ import quiet
from tests.simulation.mutations import applied
from tests.simulation.schedule import BrokenPromise, run

MOST_SCHEDULES = 1_500
KNOWN = Path(__file__).with_name("detecting_seeds.json")


def known_seeds() -> dict[str, int]:
    """By the name of a mutation, the first seed that detected it when the file was written."""
    found: dict[str, int] = json.loads(KNOWN.read_text())
    return found


def detecting_seed(name: str, hint: int | None = None) -> int | None:
    """A seed whose schedule detects the mutation: ``hint``, else the first of MOST_SCHEDULES.

    None where none of them does. A change of the simulation makes other schedules of the seeds, so
    a hint can be out of date, which costs time and no truth.
    """
    quiet()
    with applied(name):
        return next((seed for seed in _seeds(hint) if _detects(seed)), None)


def _seeds(hint: int | None) -> Iterator[int]:
    if hint is not None:
        yield hint
    yield from range(MOST_SCHEDULES)


def _detects(seed: int) -> bool:
    try:
        run(seed)
    except BrokenPromise:
        return True
    return False
