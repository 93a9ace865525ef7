"""What operators do with whole tables: ``python -m gas rebuild`` and ``python -m gas verify``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gas.eventstore.log import EventLog
from gas.eventstore.projections import ProjectionTables
from gas.eventstore.rebuild import Difference, rebuild, verify
from gas.eventstore.sweep import Checkpoint, Pace, Sweep

_MOST_THREADS = 30  # a client has connections for so many


def add_options(command: argparse.ArgumentParser) -> None:
    """The options of both commands."""
    command.add_argument("--threads", type=int, default=8, choices=range(1, _MOST_THREADS + 1))
    command.add_argument(
        "--share",
        default="1/1",
        metavar="K/N",
        type=_share,
        help="only the K-th of N shares, so that N processes work together",
    )
    command.add_argument(
        "--per-second",
        type=float,
        default=0,
        metavar="ROWS",
        help="at most so many streams or rows a second; 0 is no limit",
    )
    command.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="where to keep how far it is; a run that was interrupted goes on from there",
    )


def rebuild_rows(arguments: argparse.Namespace, log: EventLog, tables: ProjectionTables) -> int:
    """Rebuild, and print the counts; exit status 1 if a stream was skipped."""
    skipped: list[str] = []

    def report(difference: Difference) -> None:
        skipped.append(difference.stream)
        print(f"{difference.stream}: skipped, {difference.what}", file=sys.stderr)

    sweep = _sweep(arguments)
    done = rebuild(log, tables, report, sweep)
    sweep.checkpoint.remove()
    print(
        f"{done.written} rows written, {done.unchanged} were right,"
        f" {done.deleted} rows without events deleted"
    )
    if skipped:
        print(f"{len(skipped)} streams skipped", file=sys.stderr)
    return 1 if skipped else 0


def verify_rows(arguments: argparse.Namespace, log: EventLog, tables: ProjectionTables) -> int:
    """Compare, and print the differences; exit status 1 if there are any."""
    found: list[str] = []

    def report(difference: Difference) -> None:
        found.append(difference.stream)
        print(f"{difference.stream}: {difference.what}", flush=True)

    sweep = _sweep(arguments)
    verify(log, tables, report, sweep)
    sweep.checkpoint.remove()
    print(f"{len(found)} differences" if found else "no difference")
    return 1 if found else 0


def _sweep(arguments: argparse.Namespace) -> Sweep:
    number, total = arguments.share
    return Sweep(
        threads=arguments.threads,
        share=number - 1,
        shares=total,
        pace=Pace(arguments.per_second),
        checkpoint=Checkpoint(arguments.checkpoint),
    )


def _share(text: str) -> tuple[int, int]:
    number, _, total = text.partition("/")
    found = int(number), int(total)
    if not 1 <= found[0] <= found[1]:
        raise ValueError(text)
    return found
