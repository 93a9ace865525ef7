"""Tries schedules until one notices a deliberate fault."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.__main__ import quiet
from tests.simulation.mutations import applied
from tests.simulation.schedule import FOCUSES, BrokenPromise, run

_WITHOUT_FOCUS, _WITH_FOCUS = 600, 400
# Where few schedules of the usual kind notice: what to look at first.
_LOOK_AT = {
    "who inherits a claim asks without looking": "vault.initiate",
    "a retrieval is asked for without a claim": "vault.initiate",
}

# Noticed by one of some thousands, which is more than a test may take. Their rules have tests of
# their own; that the simulation should find them sooner is known (docs/reliability.md).
RARE = {
    "two notices of one failure are two new retrievals",
    "an archival cut short is not finished",
}


def _schedules(name: str) -> Iterator[tuple[int, str]]:
    """Seeds and focuses to try for a fault: 5,400 at most."""
    focuses = ["", *FOCUSES]
    first = _LOOK_AT.get(name)
    if first:
        focuses.remove(first)
        focuses.insert(0, first)
    for focus in focuses:
        for seed in range(_WITH_FOCUS if focus else _WITHOUT_FOCUS):
            yield seed, focus


def schedules_to_notice(name: str) -> int | None:
    """How many schedules run until one breaks; None where none of 5,400 does."""
    quiet()
    with applied(name):
        for tried, (seed, focus) in enumerate(_schedules(name), start=1):
            try:
                run(seed, focus)
            except BrokenPromise:
                return tried
    return None
