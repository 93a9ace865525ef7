"""``make bench-scale``: how many annotators are enough, how long a burst waits, what jobs cost.

Prints the tables of docs/scale.md.
"""

from __future__ import annotations

import dataclasses
import math
import random
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.scale.cost import MONTH_HOURS, Fleet, lines
from bench.scale.fleet import Job, Mix, Run, run
from bench.scale.rules import Rules

DAY = 86_400
HOUR = 3_600
_SEED = 7
_PEAK = 3.0  # the busiest hour against the mean


@dataclass(frozen=True, slots=True)
class Scenario:
    """Jobs over a time, and the rules they meet."""

    name: str
    jobs: Callable[[random.Random], Iterator[Job]]
    seconds: int
    rules: Rules


def day(jobs_a_day: int, mix: Mix, seconds: int = DAY) -> Callable[[random.Random], Iterator[Job]]:
    """Jobs as they come over a day: few at night, three times the mean in the busiest hour."""

    def arrive(rng: random.Random) -> Iterator[Job]:
        per_second = jobs_a_day / DAY
        now = 0.0
        while True:
            now += rng.expovariate(per_second * _PEAK)
            if now >= seconds:
                return
            if rng.random() < _rhythm(now) / _PEAK:
                yield mix.job(now, rng)

    return arrive


def _rhythm(now: float) -> float:
    """The rate against the mean: a bell around two in the afternoon over a quiet night."""
    hour = now / HOUR % 24
    return 0.3 + 2.7 * math.exp(-(((hour - 14) / 3.5) ** 2))


def burst(count: int, mix: Mix, within: float = 60) -> Callable[[random.Random], Iterator[Job]]:
    """So many jobs at once, as a program sends them."""

    def arrive(rng: random.Random) -> Iterator[Job]:
        for _ in range(count):
            yield mix.job(rng.uniform(0, within), rng)

    return arrive


def scenarios(rules: Rules) -> list[Scenario]:
    """What is looked at."""
    mix = Mix()
    more = dataclasses.replace(rules, most=60)
    busy = 10 * HOUR  # of a day with a million jobs: up to the peak and down again
    return [
        Scenario("10,000 jobs a day", day(10_000, mix), DAY, rules),
        Scenario("1,000,000 a day, 7 to 17 h", _from(7, 1_000_000, mix, busy), busy, rules),
        Scenario("the same, at most 60 tasks", _from(7, 1_000_000, mix, busy), busy, more),
        Scenario("1,000 jobs in a minute", burst(1_000, mix), 4 * HOUR, rules),
        Scenario("10,000 jobs in a minute", burst(10_000, mix), 12 * HOUR, rules),
        Scenario("10,000, at most 60 tasks", burst(10_000, mix), 12 * HOUR, more),
        Scenario("50 whole genomes at once", burst(50, Mix((0, 0, 1.0))), 4 * HOUR, rules),
    ]


def _from(
    hour: int, jobs_a_day: int, mix: Mix, seconds: int
) -> Callable[[random.Random], Iterator[Job]]:
    """The part of a day that begins at that hour."""
    whole = day(jobs_a_day, mix, hour * HOUR + seconds)

    def arrive(rng: random.Random) -> Iterator[Job]:
        for job in whole(rng):
            if job.arrives >= hour * HOUR:
                job.arrives -= hour * HOUR
                yield job

    return arrive


def percentile(values: list[float], share: float) -> float:
    """The value below which that share lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def row(scenario: Scenario, seen: Run) -> str:
    """A line of the table."""
    median = statistics.median(seen.delays) if seen.delays else 0.0
    most = max(tasks for _, _, tasks in seen.minutes)
    cells = [
        scenario.name,
        f"{len(seen.delays) + len(seen.large_delays):,}",
        f"{median:,.0f}",
        f"{percentile(seen.delays, 0.95):,.0f}",
        f"{percentile(seen.delays, 1):,.0f}",
        f"{percentile(seen.large_delays, 1):,.0f}",
        f"{most}",
        f"{seen.task_seconds / HOUR:,.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def costs(hours_a_month: dict[int, float]) -> Iterator[str]:
    """The table of costs; the annotators' hours come from the simulated days."""
    columns = {
        jobs: lines(jobs, Fleet(hours, other_tasks=4)) for jobs, hours in hours_a_month.items()
    }
    yield "| dollars for 1,000 jobs | " + " | ".join(f"{jobs:,} a day" for jobs in columns) + " |"
    yield "|---|" + "---:|" * len(columns)
    for name in next(iter(columns.values())):
        cells = (f"{column[name]:,.3f}" for column in columns.values())
        yield f"| {name} | " + " | ".join(cells) + " |"
    sums = (f"**{sum(column.values()):,.2f}**" for column in columns.values())
    yield "| **all** | " + " | ".join(sums) + " |"


def main() -> None:
    """Simulate all, print the tables."""
    rules = Rules.as_written()
    print(f"{rules}\n")
    heads = [
        "scenario",
        "jobs started",
        "median",
        "95 %",
        "longest",
        "large: longest",
        "most tasks",
        "task hours",
    ]
    print("| " + " | ".join(heads) + " |\n|---|" + "---:|" * (len(heads) - 1))
    runs: dict[str, Run] = {}
    for scenario in scenarios(rules):
        rng = random.Random(_SEED)
        runs[scenario.name] = run(scenario.rules, scenario.jobs(rng), scenario.seconds)
        print(row(scenario, runs[scenario.name]), flush=True)
    month = 30.4
    hours = {
        # the one task that is always kept does all of these
        1: MONTH_HOURS,
        100: MONTH_HOURS,
        10_000: runs["10,000 jobs a day"].task_seconds / HOUR * month,
        # the hours that were simulated hold four fifths of the day's jobs
        1_000_000: runs["the same, at most 60 tasks"].task_seconds / HOUR / 0.8 * month,
    }
    print()
    print("\n".join(costs(hours)))


if __name__ == "__main__":
    main()
