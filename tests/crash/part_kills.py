"""``make kill-parts PARTS=50``: SIGKILL for annotators, at random, while they work on one file.

The embedded stack with several annotators, and nothing faked. A file is annotated in parts without
a kill, and once more with: all annotators at once while it is split and while the parts are joined,
one of them at random moments between. Then both must have the same files, those must say what one
task says, and nothing may be lost, doubled or left behind. The exit status is 1 if it is not so.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annotator.bundle import EMBEDDED, find
from gas.settings import Settings
from local.client import Client, Surprise, expect, log_in, make_token
from local.demo import end_on_sigterm, running_stack
from local.stack import ROOT, use_environment
from tests.crash.annotators import Annotators, annotators
from tests.crash.part_ends import (
    Ended,
    check_as_one_task,
    check_events,
    check_nothing_is_left,
    check_one_mail,
    check_same_bytes,
    check_swept_results,
)
from tests.support.annotation import run
from tests.support.large_vcf import BUNDLE, many_variants, packed

EMAIL = "sigrid@example.org"
FILENAME = "my.vcf"
SPLIT_BYTES, PART_BYTES = 1_000_000, 1 << 19
_RECORDS_A_PART, _TAG_BITS = 385, 16_000
"""With these a part has some 800 KB, and the result more than S3 is sent in one request."""
_GRACE_SECONDS = 5
_POLL_SECONDS = 0.1
_HIDDEN_SECONDS = 15.0
"""So long the stack's queues hide a message whose worker died."""
_DELIVERIES = re.compile(
    r'"queue": "gas-annotator-parts", "outcome": "done", .*"attempts": ([0-9]+)'
)
_TRY = re.compile(r"/parts/([0-9]{6})/([^/]+)/(done\.json)?")


@dataclass(frozen=True, slots=True)
class Kills:
    """Kills in one stage of a job: in so many ``rounds``, so many annotators ``at_once``.

    From the begin of the stage, and ``rest`` seconds after a round, up to ``pause`` seconds pass
    until the next one: at random, but not before there is work again.
    """

    rounds: int
    at_once: int
    pause: float
    rest: float = 0.1


@dataclass
class Seen:
    """What was seen of a job while its workers were killed."""

    kills: Counter[str] = field(default_factory=Counter)
    tries: set[tuple[str, str]] = field(default_factory=set)
    done: set[tuple[str, str]] = field(default_factory=set)
    redriven: int = 0
    seconds: float = 0.0

    def look(self, keys: Sequence[str]) -> None:
        """Remember what tries at parts there are."""
        for key in keys:
            if match := _TRY.search(key):
                self.tries.add((match[1], match[2]))
                if match[3]:
                    self.done.add((match[1], match[2]))


def stage_of(client: Client, job_id: str) -> str:
    """Where the job is: ``split``, ``parts``, ``join``, or the status in which it ended."""
    job = client.job(job_id)
    if job["status"] in {"completed", "failed", "cancelled"}:
        return str(job["status"])
    parts = (job["progress"] or {}).get("parts")
    if not parts:
        return "split"
    return "join" if parts["done"] >= parts["of"] else "parts"


def kill_until_done(
    job: Ended, workers: Annotators, plan: dict[str, Kills], rng: random.Random, seconds: float
) -> Seen:
    """Kill annotators until the job is complete, as long as the plan of its stages has kills left.

    Where the attempts at a message ran out, it is sent back, as an operator would. Raises Surprise
    when ``seconds`` have passed.
    """
    seen, left = Seen(), {stage: kills.rounds for stage, kills in plan.items()}
    began, parts = time.monotonic(), job.bucket("parts")
    due, before = began, ""
    while (stage := stage_of(job.client, job.job_id)) != "completed":
        now = time.monotonic()
        expect(now - began < seconds, f"the job is at {stage} after {seconds:.0f} s")
        if stage == "failed":
            seen.redriven += _sent_back(job)
        elif stage in plan and stage != before:
            due, before = now + rng.uniform(0, plan[stage].pause), stage
        if left.get(stage) and now >= due:
            killed = sum(map(workers.kill, rng.sample(workers.names, plan[stage].at_once)))
            if killed:  # otherwise they are just being started again
                seen.kills[stage] += killed
                left[stage] -= 1
                due = now + plan[stage].rest + rng.uniform(0, plan[stage].pause)
        seen.look(list(parts.keys("")))
        time.sleep(_POLL_SECONDS)
    seen.seconds = time.monotonic() - began
    return seen


def _sent_back(job: Ended) -> int:
    error = job.client.job(job.job_id)["error"]
    expect(error["code"] == "internal", f"the job failed: {error}")
    command = [sys.executable, "-m", "gas", "dlq", "redrive"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sum(int(count) for count in re.findall(r": ([0-9]+) ", done.stdout))


def submitted(client: Client, path: Path) -> Ended:
    """The file, uploaded and submitted."""
    return Ended(client, Settings(), client.submit(client.upload(path), BUNDLE))


def user_of(url: str) -> Client:
    """A Premium user, whose results stay where they are."""
    client = Client(url, make_token(url, log_in(url, EMAIL)))
    client.call("POST", "/account/upgrade")
    return client


def deliveries(state: Path) -> list[int]:
    """How often each message about a part or a join was delivered until it was done, by the logs
    of a stack.
    """
    text = "".join(path.read_text(errors="replace") for path in state.glob("*.log"))
    return [int(count) for count in _DELIVERIES.findall(text)]


def print_table(parts: int, twin_seconds: float, seen: Seen, orphans: int, state: Path) -> None:
    """Print what happened."""
    again_and_again = [count - 1 for count in deliveries(state) if count > 1]
    stages = ", ".join(f"{stage} {count}" for stage, count in sorted(seen.kills.items()))
    again = Counter(number for number, _ in seen.done)
    print("\n| | |\n|---|---:|")
    for name, value in (
        ("parts", f"{parts}"),
        ("kills", f"{seen.kills.total()} ({stages})"),
        ("seconds without kills, with", f"{twin_seconds:.0f}, {seen.seconds:.0f}"),
        ("parts and joins delivered again", f"{len(again_and_again)}"),
        ("deliveries that ended in a kill", f"{sum(again_and_again)}"),
        ("tries that stored a part's files, not all", f"{len(seen.tries - seen.done)}"),
        ("parts stored twice or more", f"{sum(count > 1 for count in again.values())}"),
        ("messages that ran out of attempts", f"{seen.redriven}"),
        ("files of dead joins, swept later", f"{orphans}"),
    ):
        print(f"| {name} | {value} |")


def play(workers: Annotators, parts: int, kills: int, seed: int, folder: Path) -> None:
    """Do the whole run. Raises Surprise."""
    count, rng = len(workers.names), random.Random(seed)
    text = many_variants(parts * _RECORDS_A_PART, tag_bits=_TAG_BITS, seed=seed)
    path = packed(text, folder / FILENAME)
    print(f"a file of {path.stat().st_size / 1e6:.0f} MB, {count} annotators", flush=True)
    client = user_of(workers.stack.url)
    twin = submitted(client, path)
    began = time.monotonic()
    client.wait_for(twin.job_id, "completed", seconds=600)
    twin_seconds = time.monotonic() - began
    print(f"without kills: {twin_seconds:.0f} s", flush=True)
    job = submitted(client, path)
    plan = {
        "split": Kills(2, count, pause=0.8, rest=_HIDDEN_SECONDS),
        "parts": Kills(kills - 4 * count, 1, pause=4.0),
        "join": Kills(2, count, pause=1.0, rest=_HIDDEN_SECONDS),
    }
    seen = kill_until_done(job, workers, plan, rng, seconds=1_200)
    done = check_events(job)
    expect(done == check_events(twin), "the two jobs have another number of parts")
    check_nothing_is_left(job)
    check_one_mail(job, workers.stack.aws_url, EMAIL)
    check_same_bytes(job, twin)
    (folder / "whole").mkdir()
    run(
        path.read_bytes(),
        folder / "whole",
        bundle=find(BUNDLE, EMBEDDED),
        max_inflated_bytes=1 << 30,
        max_seconds=600,
    )
    check_as_one_task(job.fetch(folder / "found"), folder / "whole")
    orphans = check_swept_results(job)
    verified = subprocess.run(
        [sys.executable, "-m", "gas", "verify"], capture_output=True, text=True, check=False
    )
    expect(verified.returncode == 0, f"verify: {verified.stdout}{verified.stderr}")
    print_table(done, twin_seconds, seen, orphans, workers.stack.state)


def main() -> int:
    """Start a stack with annotators, kill them, check everything, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=int, default=50, help="about so many")
    parser.add_argument("--kills", type=int, default=40, help="at most")
    parser.add_argument("--annotators", type=int, default=3)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    if given.kills < 4 * given.annotators:
        parser.error("--kills must be at least four for each annotator: two in the split, the join")
    end_on_sigterm()
    print(f"random SIGKILL for annotators of one file in parts, seed {given.seed}", flush=True)
    (ROOT / ".gas").mkdir(exist_ok=True)
    state = Path(tempfile.mkdtemp(prefix="kill-parts-", dir=ROOT / ".gas"))
    (state / "work").mkdir()
    overrides = {
        "GAS_SPLIT_BYTES": str(SPLIT_BYTES),
        "GAS_PART_BYTES": str(PART_BYTES),
        "GAS_WORK_FOLDER": str(state / "work"),
        "GAS_CORES": "1",
    }
    try:
        with running_stack(state, _GRACE_SECONDS, overrides) as stack:
            use_environment(stack)
            with annotators(stack, given.annotators, overrides) as workers:
                play(workers, given.parts, given.kills, given.seed, state)
    except Surprise as error:
        print(f"a promise was broken: {error}\nThe logs: {state}/*.log")
        return 1
    shutil.rmtree(state)
    print(
        "\nthe files are those of the run without kills, and say what one task says; one mail, one"
        " plan; no part, message or execution is left; verify finds no difference"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
