"""``make bench-fairness``: how long a small job waits for others, with and without fairness.

The two measures are the lane of large files, and the limit of running jobs per user. Each is
measured with and without it in one run, on embedded stacks of this machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.lifecycle import table, user, vcf_of
from local.client import Client
from local.demo import end_on_sigterm, running_stack
from local.stack import Stack

LARGE_BYTES = 1_000_000
ONE_LANE = {"GAS_LARGE_FILE_BYTES": str(1 << 40)}
TWO_LANES = {"GAS_LARGE_FILE_BYTES": str(LARGE_BYTES)}
NO_CAP = {"GAS_FREE_RUNNING": "100000"}
_SAMPLES = 60
_GRACE_SECONDS = 900
_TIMEOUT_SECONDS = 900


def large_vcf(folder: Path) -> Path:
    """A file whose annotation takes seconds, not milliseconds: 15,000 records of 60 samples."""
    small = vcf_of(folder, 15_000).read_text().splitlines()
    head = [*small[:1], small[1] + "\tFORMAT" + "".join(f"\ts{n}" for n in range(_SAMPLES))]
    genotypes = "\tGT" + "\t0|1" * _SAMPLES
    path = folder / "large.vcf"
    path.write_text("\n".join([*head, *(line + genotypes for line in small[2:])]) + "\n")
    return path


def submit_many(clients: list[Client], file: Path, each: int) -> None:
    """Submit ``each`` jobs for each client."""
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(lambda n: clients[n % len(clients)].annotate(file), range(each * len(clients)))
        )


def measure_wait(client: Client, file: Path) -> tuple[float, float, object]:
    """Seconds until a job starts and until it is completed, and the queue position it got."""
    upload = client.upload(file)
    began = time.monotonic()
    job_id = client.submit(upload)
    queue_position = client.job(job_id)["queue"]
    client.wait_for(job_id, "running", "completed", seconds=_TIMEOUT_SECONDS)
    started = time.monotonic() - began
    client.wait_for(job_id, "completed", seconds=_TIMEOUT_SECONDS)
    return started, time.monotonic() - began, queue_position


def behind_large_files(stack: Stack, folder: Path, small: Path) -> tuple[float, float, object]:
    """Measure a job while 50 large jobs of five users are waiting."""
    clients = [user(stack, f"large-{n}") for n in range(5)]
    submit_many(clients, large_vcf(folder), 10)
    return measure_wait(user(stack, "small"), small)


def behind_one_user(stack: Stack, flood: int, small: Path) -> tuple[float, float, object]:
    """Measure a job while ``flood`` jobs of one other user are waiting."""
    submit_many([user(stack, "flood")], small, flood)
    return measure_wait(user(stack, "small"), small)


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flood", type=int, default=1_000, help="jobs of the other user")
    arguments = parser.parse_args()
    end_on_sigterm()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    rows: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = vcf_of(folder, 1_000)
        for title, settings in (("one lane", ONE_LANE), ("two lanes", TWO_LANES)):
            with running_stack(folder / title, _GRACE_SECONDS, settings) as stack:
                started, done, queue_position = behind_large_files(stack, folder, small)
            rows.append((f"50 large ahead, {title}", f"{started:.1f} s / {done:.1f} s"))
            print(title, queue_position, flush=True)
        for title, settings in (("no cap", NO_CAP), ("cap of 2", {})):
            with running_stack(folder / title, _GRACE_SECONDS, settings) as stack:
                started, done, queue_position = behind_one_user(stack, arguments.flood, small)
            row = f"{arguments.flood:,} of one other user ahead, {title}"
            rows.append((row, f"{started:.1f} s / {done:.1f} s"))
            print(title, queue_position, flush=True)
    table("a 1,000-variant job: seconds to its start / to its end", rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
