"""The simulation, and a test of the simulation: it must detect every mutation."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.simulation import __main__ as simulation
from tests.simulation.mutations import MUTATIONS
from tests.simulation.mutations.detection import KNOWN, detecting_seed, known_seeds
from tests.simulation.schedule import FOCUSES, Schedule, run
from tests.simulation.tasks import Simulator

pytestmark = pytest.mark.simulation

SCHEDULES = 100


@pytest.fixture(autouse=True)
def without_logs() -> None:
    simulation.quiet()


def test_no_promise_is_broken_in_the_first_schedules() -> None:
    outcomes = [run(seed) for seed in range(SCHEDULES)]
    assert sum(outcome.faults for outcome in outcomes) > SCHEDULES
    assert sum(outcome.jobs for outcome in outcomes) > SCHEDULES


def test_a_seed_replays_exactly() -> None:
    traces = []
    for _ in range(2):
        simulator = Simulator(seed=11)
        Schedule(simulator).run()
        traces.append(simulator.trace)
    assert traces[0] == traces[1]
    assert len(traces[0]) > 100


@pytest.mark.timeout(1200)
def test_every_mutation_is_detected() -> None:
    hints = known_seeds()
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        tried = pool.map(detecting_seed, MUTATIONS, map(hints.get, MUTATIONS))
        detected = dict(zip(MUTATIONS, tried, strict=True))
    stale = [name for name, seed in detected.items() if seed != hints.get(name)]
    print(f"out of date in {KNOWN.name}, so `make mutations` would speed this up: {stale}")
    assert [name for name, seed in detected.items() if seed is None] == []


@pytest.mark.parametrize("focus", FOCUSES)
def test_no_promise_is_broken_where_faults_are_many(focus: str) -> None:
    assert sum(run(seed, focus).faults for seed in range(12)) > 0


def test_there_are_enough_mutations() -> None:
    assert len(MUTATIONS) >= 20


def test_schedules_end_when_their_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "_BATCH", 1)
    totals = [total.schedules for total in simulation.run_many(0, 1_000, seconds=0)]
    assert totals == [1]
    totals = [total.schedules for total in simulation.run_many(0, 3)]
    assert totals[-1] == 3
