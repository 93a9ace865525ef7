"""``make bench``, second part: the AWS requests of a job's whole life, alone and under load.

A job's life: upload, submission, annotation, three mails, archive, upgrade, restore and thaw. Under
load that many users do this at the same time, each with one job.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.counting_proxy import Request, counting
from bench.lifecycle import user, vcf_of
from local.client import Client
from local.demo import end_on_sigterm, running_stack
from local.ports import HOST, choose
from local.stack import Stack

# S3 gives the checksum with the answer to a copy, and refuses to copy what is cold.
_FOR_EMULATORS = {
    Request("archiver", "s3.HeadObject", "archive"),
    Request("thawer", "s3.HeadObject", "archive"),
    Request("thawer", "s3.HeadObject", "results"),
}
_SETTLE_SECONDS = 8.0  # every step of one job is done after this long
_AT_ONCE = 8
_LONGEST_SECONDS = 300.0


def requests_of(folder: Path, file: Path, jobs: int) -> Counter[Request]:
    """The AWS requests of that many jobs at once, of a user each. Raises RuntimeError."""
    proxy = choose(("proxy",), folder / "proxy.json")["proxy"]
    emulator = Stack.plan(folder, web_port=0, grace_seconds=2).aws_port
    # No reconciliation meanwhile: it asks the same however many jobs there are.
    proxied = {"AWS_ENDPOINT_URL": f"http://{HOST}:{proxy}", "GAS_RECONCILE_SECONDS": "86400"}
    with (
        counting(proxy, emulator) as counts,
        running_stack(folder, 2, proxied) as stack,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):
        users = [user(stack, f"cost{number}") for number in range(jobs)]
        _settle(counts.requests)  # the public sample is annotated at the start
        counts.requests.clear()
        ids = list(pool.map(lambda client: client.annotate(file), users))
        # Nobody polls for the end: that would be counted.
        _settle(counts.requests)
        list(pool.map(lambda client: client.call("POST", "/account/upgrade"), users))
        _settle(counts.requests)
        found = counts.requests.copy()
        _check(users, ids)
    return found


def _settle(requests: Counter[Request]) -> None:
    """Wait until nothing is requested any more."""
    deadline = time.monotonic() + _LONGEST_SECONDS
    before = -1
    while requests.total() != before and time.monotonic() < deadline:
        before = requests.total()
        time.sleep(_SETTLE_SECONDS)


def _check(users: list[Client], ids: list[str]) -> None:
    for client, job in zip(users, ids, strict=True):
        events = [event["type"] for event in client.get(f"/jobs/{job}/events")]
        if events[-1] != "gas.job.restored.v1":
            raise RuntimeError(f"the job was not restored in time: {events}")


def print_table(alone: Counter[Request], load: Counter[Request], jobs: int) -> None:
    """Print each kind of request, of the job alone and for each job under load."""
    print(f"\n| AWS requests of a job's whole life | alone | each of {jobs} at once |")
    print("|---|---:|---:|")
    for kind in sorted({*alone, *load}):
        print(f"| {' '.join(kind)} | {alone[kind]} | {load[kind] / jobs:.2f} |")
    parts: tuple[Callable[[Request], str], ...] = (lambda r: r.service, lambda r: r.operation)
    for part in parts:
        for name in sorted({part(kind) for kind in {*alone, *load}}):
            sums = [sum(n for kind, n in c.items() if part(kind) == name) for c in (alone, load)]
            print(f"| all of {name} | {sums[0]} | {sums[1] / jobs:.2f} |")
    asked = [sum(counts[kind] for kind in _FOR_EMULATORS) for counts in (alone, load)]
    print(f"| all that only an emulator is asked | {asked[0]} | {asked[1] / jobs:.2f} |")
    print(f"| **all** | **{alone.total()}** | **{load.total() / jobs:.1f}** |", flush=True)


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=40)
    jobs = parser.parse_args().jobs
    end_on_sigterm()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = vcf_of(folder, 1000)
        alone = requests_of(folder / "alone", file, 1)
        load = requests_of(folder / "load", file, jobs)
    print_table(alone, load, jobs)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
