"""``make simulate SEEDS=1000000``: run that many schedules on all cores, stop at the first failure.

Prints counts meanwhile. A failure prints the seed and the commit, which replay it exactly.
"""

from __future__ import annotations

import argparse
import logging
import math
import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import structlog

from tests.simulation.schedule import BrokenPromise, run

_BATCH = 50
_REPORT_SECONDS = 10


@dataclass
class Total:
    """Sums over schedules."""

    schedules: int = 0
    calls: int = 0
    faults: int = 0
    jobs: int = 0
    events: int = 0

    def add(self, other: Total) -> None:
        """Count another batch."""
        self.schedules += other.schedules
        self.calls += other.calls
        self.faults += other.faults
        self.jobs += other.jobs
        self.events += other.events

    def __str__(self) -> str:
        return (
            f"{self.schedules:,} schedules, {self.calls:,} port calls, {self.faults:,} faults,"
            f" {self.jobs:,} jobs, {self.events:,} events"
        )


def quiet() -> None:
    """Log only critical errors: handlers log every injected fault."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def run_batch(seeds: Iterable[int]) -> Total:
    """Run schedules one after another. Raises BrokenPromise at the first that fails."""
    quiet()
    total = Total()
    for seed in seeds:
        outcome = run(seed)
        total.add(Total(1, outcome.calls, outcome.faults, outcome.jobs, outcome.events))
    return total


def run_many(first: int, count: int, seconds: float = math.inf) -> Iterator[Total]:
    """Run schedules on all cores; yields the running total after each batch.

    Ends after the batch in which so many ``seconds`` have passed. Raises BrokenPromise.
    """
    began = time.monotonic()
    batches = [
        range(start, min(start + _BATCH, first + count))
        for start in range(first, first + count, _BATCH)
    ]
    total = Total()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        try:
            for done in pool.map(run_batch, batches):
                total.add(done)
                yield total
                if time.monotonic() - began >= seconds:
                    return
        finally:
            pool.shutdown(cancel_futures=True)


def _commit() -> str:
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return described.stdout.strip() or "unknown"


def main() -> int:
    """Run; the exit status is 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no more after these")
    arguments = parser.parse_args()
    began = reported = time.monotonic()
    total = Total()
    try:
        for total in run_many(arguments.first, arguments.seeds, 60 * arguments.minutes):
            if time.monotonic() - reported > _REPORT_SECONDS:
                reported = time.monotonic()
                print(f"{reported - began:7.0f} s  {total}", flush=True)
    except BrokenPromise as broken:
        print(f"commit {_commit()}: {broken}")
        return 1
    if total.schedules < arguments.seeds:
        print(
            f"!!! TIME IS UP: {total.schedules:,} of {arguments.seeds:,} schedules were played !!!"
        )
    print(f"simulation: {total}, no promise broken ({time.monotonic() - began:.0f} s)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
