"""``make bench-rebuild``: requests and CPU time of a rebuild and a verify, for each stream.

On the emulator, so its seconds say nothing about AWS. What carries over is the number of requests,
their sizes, and the CPU time of our own process; the estimate is made of these and of AWS's limits.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gas.aws.clients import Aws
from gas.aws.items import wire
from gas.events import new_id
from gas.eventstore.dynamo_log import DynamoEventLog, hour_of
from gas.eventstore.log import StoredEvent
from gas.eventstore.projections import ProjectionTables
from gas.eventstore.rebuild import rebuild, verify
from gas.eventstore.sweep import Sweep
from gas.settings import Settings
from tests.support.servers import deployed_installation, running_emulator
from tests.support.world import World

EVENTS = 100_000_000
TARGET_HOURS = 6
# On-demand tables: DynamoDB's default quota of a table, and what a new table takes at once.
QUOTA_UNITS, NEW_TABLE_WRITES = 40_000, 4_000
_BATCH = 25


def main() -> None:
    """Make streams, rebuild and verify them, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=2_000)
    parser.add_argument("--threads", type=int, default=4)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_emulator(Path(folder)) as url,
        deployed_installation(url) as settings,
    ):
        _measure(settings, arguments.streams, arguments.threads)


def _measure(settings: Settings, streams: int, threads: int) -> None:
    aws = Aws(settings)
    requests: Counter[str] = Counter()
    aws.events.register("before-call.dynamodb", _counting(requests))
    client = aws.dynamodb()
    log, tables = DynamoEventLog(client, settings.prefix), ProjectionTables(client, settings.prefix)
    life = _life_of_a_job()
    _store(client, settings.named("events"), life, streams)
    print(f"{streams:,} streams of {len(life)} events, {threads} threads, one process\n")
    print("| | requests a stream | CPU ms a stream | streams a second and core |")
    print("|---|---:|---:|---:|")
    slowest = 0.0

    def run(name: str, work: Callable[[], object]) -> None:
        nonlocal slowest
        requests.clear()
        began = time.process_time()
        work()
        each = (time.process_time() - began) / streams
        slowest = max(slowest, each)
        calls = ", ".join(f"{name} {count / streams:.2f}" for name, count in requests.items())
        print(f"| {name} | {calls} | {each * 1e3:.1f} | {1 / each:,.0f} |")

    run("rebuild", lambda: rebuild(log, tables, print, Sweep(threads)))
    run("verify", lambda: verify(log, tables, print, Sweep(threads)))
    _estimate(life, slowest)


def _estimate(life: list[StoredEvent], seconds: float) -> None:
    streams = EVENTS / len(life)
    core_hours = streams * seconds / 3600
    bytes_of_stream = sum(len(entry.text) + 200 for entry in life)
    reads = streams * 2 * -(-bytes_of_stream // 4096) + EVENTS * bytes_of_stream / len(life) / 8192
    writes = streams * 3  # a row of up to 3 KB
    print(f"\n| {EVENTS:,} events ({streams:,.0f} streams), estimated | |\n|---|---:|")
    print(f"| hours of CPU | {core_hours:,.0f} |")
    processes = -(-core_hours // TARGET_HOURS)
    print(f"| processes with a core each, for {TARGET_HOURS} hours | {processes:.0f} |")
    at_quota = [f"{units:,.0f}, {_hours(units, QUOTA_UNITS):.1f}" for units in (reads, writes)]
    print(f"| read units, and hours at the quota | {at_quota[0]} |")
    print(f"| write units, and hours at the quota | {at_quota[1]} |")
    print(f"| hours of writing to a table that is new | {_hours(writes, NEW_TABLE_WRITES):.1f} |")


def _hours(units: float, per_second: int) -> float:
    return units / per_second / 3600


def _counting(requests: Counter[str]) -> Callable[..., None]:
    def count(model: Any, **_: Any) -> None:
        requests[model.name] += 1

    return count


def _life_of_a_job() -> list[StoredEvent]:
    """The events of a job that was annotated and archived, as they are stored."""
    world = World()
    job = world.archive(world.completed(world.register()))
    return world.log.stored(f"job/{job.job_id}")


def _store(client: Any, table: str, life: list[StoredEvent], streams: int) -> None:
    old = life[0].stream.partition("/")[2]
    puts = []
    for _ in range(streams):
        job_id = new_id()
        for entry in life:
            item = {
                "stream": f"job/{job_id}",
                "version": entry.version,
                "event_id": new_id(),
                "event": entry.text.replace(old, job_id),
                "hour": hour_of(World().time, "0"),
            }
            puts.append({"PutRequest": {"Item": wire(item)}})
    for begin in range(0, len(puts), _BATCH):
        client.batch_write_item(RequestItems={table: puts[begin : begin + _BATCH]})


if __name__ == "__main__":
    main()
