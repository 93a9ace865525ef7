"""``make bench``: the time of jobs, and the memory of the services.

Measured on the embedded stack of this machine.
"""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local.client import Client, log_in, make_token
from local.demo import end_on_sigterm, running_stack
from local.stack import WORKERS, Stack

RUNS = 15
ARCHIVED = 100
REFERENCE = (
    Path(__file__).resolve().parent.parent
    / "services/annotator/annotator/bundles/human-mt/reference.fa"
)
_HEAD = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def vcf_of(folder: Path, variants: int) -> Path:
    """A VCF with that many single-base variants of the mitochondrion, at most 16,000.

    The variants are at the positions (1-based) from 300 on, one at each.
    """
    lines = REFERENCE.read_text().splitlines()
    sequence = "".join(line for line in lines if not line.startswith(">"))
    other = {"A": "G", "G": "A", "C": "T", "T": "C", "N": "A"}
    records = (
        f"MT\t{position}\t.\t{sequence[position - 1]}\t{other[sequence[position - 1]]}\t.\t.\t.\n"
        for position in range(300, 300 + variants)
    )
    path = folder / f"{variants}.vcf"
    path.write_text(_HEAD + "".join(records))
    return path


def user(stack: Stack, name: str) -> Client:
    """A client for a new user of the stack."""
    return Client(stack.url, make_token(stack.url, log_in(stack.url, f"{name}@example.org")))


def table(title: str, rows: list[tuple[str, str]]) -> None:
    """Print a Markdown table of two columns."""
    print(f"\n| {title} | |\n|---|---:|")
    for name, value in rows:
        print(f"| {name} | {value} |")


def submit_to_completed(stack: Stack, file: Path) -> list[float]:
    """Seconds from submit to completed of each run, as a polling client measures them."""
    client = user(stack, "speed")
    seconds = []
    for _ in range(RUNS):
        upload = client.upload(file)
        began = time.monotonic()
        client.wait_for(client.submit(upload), "completed")
        seconds.append(time.monotonic() - began)
    return seconds


def upgrade_to_restored(stack: Stack, file: Path) -> float:
    """Seconds from the upgrade until all of a user's archived jobs are restored."""
    client = user(stack, "many")
    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda _: client.annotate(file), range(ARCHIVED)))
    for job in jobs:
        client.wait_for(job, "archived", seconds=300)
    began = time.monotonic()
    client.call("POST", "/account/upgrade")
    for job in jobs:
        client.wait_for(job, "completed", seconds=300)
    return time.monotonic() - began


def peak_memory(stack: Stack) -> list[tuple[str, str]]:
    """The peak resident memory of each service in MB: of its largest process."""
    peaks: dict[str, int] = {}
    for process in Path("/proc").iterdir():
        try:
            words = (process / "cmdline").read_bytes().decode().split("\0")
            ours = stack.aws_url.encode() in (process / "environ").read_bytes()
            status = (process / "status").read_text()
        except (OSError, UnicodeError):
            continue
        name = words[2] if words[1:2] == ["-m"] else ""
        if ours and name in {"web", *WORKERS}:
            kilobytes = next(int(s.split()[1]) for s in status.splitlines() if "VmHWM" in s)
            peaks[name] = max(peaks.get(name, 0), kilobytes)
    return [(name, f"{peaks[name] / 1024:.0f} MB") for name in sorted(peaks)]


def main() -> int:
    """Measure and print the tables."""
    end_on_sigterm()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        thousand, small = vcf_of(folder, 1000), vcf_of(folder, 10)
        with running_stack(folder / "stack", 2) as stack:
            seconds = submit_to_completed(stack, thousand)
            restored = upgrade_to_restored(stack, small)
            memory = peak_memory(stack)
        table(
            f"1,000 variants, submit to completed, {RUNS} runs",
            [
                ("median", f"{statistics.median(seconds):.2f} s"),
                ("fastest", f"{min(seconds):.2f} s"),
                ("slowest", f"{max(seconds):.2f} s"),
            ],
        )
        table(
            f"upgrade to all {ARCHIVED} archived jobs restored",
            [("seconds", f"{restored:.1f}"), ("jobs a second", f"{ARCHIVED / restored:.1f}")],
        )
        table("peak resident memory", memory)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
