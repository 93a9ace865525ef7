"""``make bench-rebuild``: requests and CPU time of a rebuild and a verify, for each stream.

A log of any length is read from a stand-in for DynamoDB (``bench/stand_in.py``), behind the real
clients. What is measured is our process: its requests, its CPU time and its memory. Time on the
network is not in it; the estimate is made of requests and sizes by AWS's limits.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable

from bench.stand_in import StandIn
from gas.aws.clients import Aws
from gas.eventstore.dynamo_log import DynamoEventLog
from gas.eventstore.log import StoredEvent
from gas.eventstore.projections import ProjectionTables
from gas.eventstore.rebuild import Difference, Rebuilt, rebuild, verify
from gas.eventstore.sweep import Sweep
from gas.settings import Settings
from local.stack import CREDENTIALS
from tests.support.world import World

EVENTS = 100_000_000
TARGET_HOURS = 6
# On-demand tables: DynamoDB's default quota of a table, and what a new table takes at once.
QUOTA_UNITS, NEW_TABLE_WRITES = 40_000, 4_000
_UNIT_BYTES = 4096  # of a strongly consistent read


def main() -> None:
    """Rebuild an empty table, rebuild it again, verify it, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=2_000)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    settings = Settings(endpoint_url="http://127.0.0.1:9")  # nobody listens there
    os.environ.update(CREDENTIALS)  # requests are signed, though nobody checks them
    life = _life_of_a_job()
    store = StandIn(life, arguments.streams, settings.prefix)
    aws = Aws(settings)
    store.hook_into(aws.events)
    client = aws.dynamodb()
    log, tables = DynamoEventLog(client, settings.prefix), ProjectionTables(client, settings.prefix)
    sweep = Sweep(arguments.threads)
    differences: list[Difference] = []
    _print_head(arguments.streams, len(life), arguments.threads)

    def rebuilt() -> Rebuilt:
        return rebuild(log, tables, differences.append, sweep_again())

    def sweep_again() -> Sweep:
        return Sweep(sweep.threads)  # a checkpoint of its own

    first = _measure("rebuild, no row there", store, rebuilt)
    second = _measure("rebuild, all rows right", store, rebuilt)
    third = _measure(
        "verify", store, lambda: verify(log, tables, differences.append, sweep_again())
    )
    if differences or store.written.count(0):
        raise SystemExit(f"wrong: {differences[:3]}, {store.written.count(0)} rows missing")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory {peak:.0f} MB, of which the stand-in has a byte for each stream")
    _estimate(store, len(life), {"first": first, "again": second, "verify": third})


def _print_head(streams: int, events: int, threads: int) -> None:
    print(f"{streams * events:,} events in {streams:,} streams, {threads} threads, one process\n")
    print("| | requests a stream | CPU s | CPU ms a stream | streams a second and core |")
    print("|---|---:|---:|---:|---:|")


def _measure(name: str, store: StandIn, work: Callable[[], object]) -> float:
    """Print one line; returns the CPU seconds of a stream, without those of the stand-in."""
    store.requests.clear()
    store.seconds, began = 0.0, time.process_time()
    work()
    seconds = time.process_time() - began - store.seconds
    each = seconds / store.streams
    calls = ", ".join(f"{n} {count / store.streams:.4f}" for n, count in store.requests.items())
    print(f"| {name} | {calls} | {seconds:.0f} | {each * 1e3:.2f} | {1 / each:,.0f} |", flush=True)
    return each


def _estimate(store: StandIn, events: int, cpu_seconds: dict[str, float]) -> None:
    streams = EVENTS / events
    row_units = -(-store.row_bytes() // _UNIT_BYTES)
    # The log once; the row; of each row its key, which a scan charges as the whole row; one event.
    reads = streams * (store.stream_bytes / _UNIT_BYTES + row_units + store.row_bytes() / 4096 + 1)
    writes = streams * -(-store.row_bytes() // 1024)
    print(f"\n| {EVENTS:,} events ({streams:,.0f} streams), estimated | |\n|---|---:|")
    for name, each in cpu_seconds.items():
        hours = streams * each / 3600
        print(f"| core hours, {name} | {hours:.1f} |")
    most = max(cpu_seconds.values()) * streams / 3600
    print(
        f"| processes with a core each, for {TARGET_HOURS} hours | {-(-most // TARGET_HOURS):.0f} |"
    )
    print(
        f"| read units, and hours at the quota | {reads:,.0f}, {_hours(reads, QUOTA_UNITS):.1f} |"
    )
    print(f"| write units, no row there | {writes:,.0f}, {_hours(writes, QUOTA_UNITS):.1f} |")
    print(f"| hours of writing to a table that is new | {_hours(writes, NEW_TABLE_WRITES):.1f} |")


def _hours(units: float, per_second: int) -> float:
    return units / per_second / 3600


def _life_of_a_job() -> list[StoredEvent]:
    """The events of a job that was annotated and archived, as they are stored."""
    world = World()
    job = world.archive(world.completed(world.register()))
    return world.log.stored(f"job/{job.job_id}")


if __name__ == "__main__":
    main()
