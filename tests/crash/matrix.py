"""``make crash``: every story, with every fault at every AWS call. Prints how many were tried.

Starts two emulators and stops them. The exit status is 1 if a promise was broken.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from local.demo import end_on_sigterm
from local.ports import HOST, choose
from local.stack import CREDENTIALS, EMULATORS, REGION, ROOT, SERVICES
from tests.crash.endings import check_the_end, let_days_pass
from tests.crash.faults import Fault, FaultPlan, NotForked
from tests.crash.installation import Installation
from tests.crash.stories import BrokenPromise, Story
from tests.crash.troubles import STORIES
from tests.support.servers import wait_for

ON_VAULT = ("cold life", "notice that is lost")
WITH_RESENDING = ("whole life", "cold life")
ON_S3 = tuple(name for name in STORIES if name != "cold life")
PAST_THE_END = "the story ended before that call"
MOST_PAST_THE_END = 0.05
_CHAPTERS = 4  # annotated, archived, restored, and once more: an interrupted story is then over
_SLACK = 4  # the number of calls depends on the timing of the emulator
# A case waits for the emulator half of its time.
_WORKERS = 2 * (os.cpu_count() or 1)
_installation: Installation | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One story with one fault."""

    story: str
    store: str
    plan: FaultPlan

    def __str__(self) -> str:
        at = f"call {self.plan.call}: {self.plan.fault.value}" if self.plan.call else "no fault"
        return f"{self.story} ({self.store}), {at}"


@contextlib.contextmanager
def emulators(folder: Path) -> Iterator[dict[str, str]]:
    """An emulator of AWS and a server of vaults; the environment of their clients."""
    ports = choose(("aws", "vaults"), folder / "ports.json")
    aws = f"http://{HOST}:{ports['aws']}"
    environment = {
        **CREDENTIALS,
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": aws,
        "AWS_ENDPOINT_URL_GLACIER": f"http://{HOST}:{ports['vaults']}",
        "TMPDIR": str(folder),
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(ports["aws"]),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "SERVICES": SERVICES,
        "GAS_VAULT_SECONDS": "0",
    }
    python = str(EMULATORS / "python")
    commands = [
        [python, "-m", "tests.crash.emulator"],
        [python, "-m", "local.vaults", HOST, str(ports["vaults"])],
    ]
    with (folder / "log").open("w") as log:
        processes = [
            subprocess.Popen(
                command, env={**os.environ, **environment}, stdout=log, stderr=log, cwd=ROOT
            )
            for command in commands
        ]
        try:
            for url in (aws, environment["AWS_ENDPOINT_URL_GLACIER"]):
                wait_for(url)
            yield environment
        finally:
            for process in processes:
                process.terminate()
                process.wait(20)


def _begin(environment: dict[str, str], store: str, stories: tuple[str, ...]) -> None:
    global _installation  # noqa: PLW0603 — one for each process of the pool
    os.environ.update(environment)
    _installation = Installation(environment["AWS_ENDPOINT_URL"], vault=store == "vault")
    with _installation.processes.warming_up():
        for name in stories:
            story = Story(_installation, _installation.begin())
            STORIES[name](story)
            _installation.forget(story.user_id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a case.

    ``process_starts`` are the numbers of calls made before each process began; ``complaint`` is
    empty where every promise held.
    """

    case: Case
    calls: int
    process_starts: tuple[int, ...]
    complaint: str = ""

    def forked_from(self, call: int) -> int:
        """A number of calls after which only the process that makes that call can still begin."""
        return max(begin for begin in self.process_starts if begin < call) - _SLACK


def run(case: Case) -> Outcome:
    """Play one case."""
    assert _installation, "the pool has called _begin"
    installation = _installation
    story = Story(installation, installation.begin())
    installation.injector.plan = case.plan
    try:
        with contextlib.suppress(NotForked):
            outcome = _played(case, story)
            if not installation.injector.is_early:
                return outcome
        installation.processes.stop_counting()
        for _ in range(_CHAPTERS):
            let_days_pass(installation)
    finally:
        installation.forget(story.user_id)
    return run(replace(case, plan=replace(case.plan, forked_from=0)))


def _played(case: Case, story: Story) -> Outcome:
    injector = story.installation.injector
    try:
        STORIES[case.story](story)
        outcome = Outcome(case, injector.counters.calls, tuple(injector.process_starts))
        story.installation.processes.stop_counting()
        check_the_end(story, may_mail_twice=injector.counters.is_injected_at_mail)
    except BrokenPromise as broken:
        return Outcome(case, injector.counters.calls, (), str(broken))
    if case.plan.call and not injector.counters.is_injected:
        return replace(outcome, complaint=PAST_THE_END)
    return outcome


def matrix(
    store: str, stories: tuple[str, ...], environment: dict[str, str], every: int, first: int
) -> int:
    """Run the cases of those stories on that store; returns how many promises were broken."""
    broken = 0
    with ProcessPoolExecutor(
        _WORKERS, get_context("spawn"), initializer=_begin, initargs=(environment, store, stories)
    ) as pool:
        undisturbed = {
            outcome.case.story: outcome
            for outcome in pool.map(run, [Case(name, store, FaultPlan()) for name in stories])
            if not _complain(outcome)
        }
        broken += len(stories) - len(undisturbed)
        cases = [
            Case(name, store, FaultPlan(call, fault, outcome.forked_from(call)))
            for name, outcome in undisturbed.items()
            for call in range(first, outcome.calls + 1, every)
            for fault in Fault
            if fault is not Fault.SENT_TWICE or name in WITH_RESENDING
        ]
        done: Counter[str] = Counter()
        past_the_end = 0
        for outcome in pool.map(run, cases):
            # Timing of the emulator decides on a call or two, so the last call may not happen.
            if outcome.complaint == PAST_THE_END:
                past_the_end += 1
            else:
                broken += _complain(outcome)
                done[outcome.case.story] += 1
        if past_the_end > MOST_PAST_THE_END * len(cases):
            print(f"!! {past_the_end} of {len(cases)} faults were never injected", flush=True)
            broken += 1
    for name, outcome in undisturbed.items():
        print(f"| {name} | {store} | {outcome.calls} | {done[name]} |", flush=True)
    calls = sum(outcome.calls for outcome in undisturbed.values())
    print(f"| all | {store} | {calls} | {done.total()} |", flush=True)
    return broken


def _complain(outcome: Outcome) -> bool:
    if outcome.complaint:
        print(f"!! {outcome.case}: {outcome.complaint}", flush=True)
    return bool(outcome.complaint)


def run_matrix(*, every: int = 1, first: int = 1, story: str | None = None) -> int:
    """Run the matrix on its own emulators; returns how many promises were broken.

    Of each story the calls ``first``, ``first + every``, … get a fault.
    """
    folder = Path(tempfile.mkdtemp(prefix="crash-"))
    print("| story | store | AWS calls | cases |\n|---|---|---:|---:|", flush=True)
    broken = 0
    with emulators(folder) as environment:
        for store, stories in (("s3", ON_S3), ("vault", ON_VAULT)):
            chosen = tuple(name for name in stories if story in {None, name})
            if chosen:
                broken += matrix(store, chosen, environment, every, first)
    if not broken:
        shutil.rmtree(folder)
    return broken


def main() -> int:
    """Run the matrix; the exit status is 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="only every n-th call")
    parser.add_argument("--first", type=int, default=1, help="the first of these calls")
    parser.add_argument("--story", choices=STORIES)
    arguments = parser.parse_args()
    end_on_sigterm()
    began = time.monotonic()
    broken = run_matrix(every=arguments.every, first=arguments.first, story=arguments.story)
    seconds = time.monotonic() - began
    print(f"crash matrix: {broken or 'no'} promise(s) broken ({seconds:.0f} s)")
    return 1 if broken else 0
