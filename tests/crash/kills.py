"""``make kill SECONDS=300 JOBS=50``: SIGKILL for services of a running stack, at random.

``make kill-compose`` does the same to the containers of ``make up``, with ``docker kill``.

Meanwhile users keep that many jobs in flight, cancel some, upgrade and downgrade. Then the kills
end, every user upgrades, and all jobs, files, mails and queues are checked. The time is bounded;
the exit status is 1 if a promise was broken.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.lifecycle import vcf_of
from gas.aws.clients import Aws
from gas.messaging.dead_letters import QUEUES
from gas.messaging.queue import SqsQueue
from gas.settings import Settings
from local.client import Surprise, expect, mails_to
from local.demo import end_on_sigterm, running_stack
from local.stack import CREDENTIALS, ROOT, use_environment
from notifier.restores import MOST_ALONE
from tests.crash.targets import Tally, Target, kill_for, killing_containers, killing_processes
from tests.crash.users import User, known_results
from tests.support.mails import is_about_a_job

GRACE_SECONDS = 5
SIZES = (10, 200, 1_000, 4_000, 12_000)
LARGE_BYTES = 100_000
NAMES = ("ada", "bob", "cyd", "dot", "eve")
_REFERENCE = re.compile(r"Reference: (\S+)")
_RESTORED = "gas.job.restored.v1"
_MAILED = {_RESTORED, *(f"gas.job.{fact}.v1" for fact in ("completed", "failed", "archived"))}
_WAIT_SECONDS = 420.0


def redrive(users: list[User]) -> int:
    """Redrive the dead letters, as an operator would.

    Returns how many there were: services died at each of them four times in a row. Raises Surprise.
    """
    wait_for_all_jobs(users, may_fail=True)
    output = _gas("dlq", "redrive")
    return sum(int(count) for count in re.findall(r": ([0-9]+) ", output))


def _gas(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "gas", *command], capture_output=True, text=True, check=False
    )
    expect(done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def wait_for_all_jobs(users: list[User], *, may_fail: bool = False) -> None:
    """Wait until every job has a final status of a Premium user's job. Raises Surprise."""
    deadline = time.monotonic() + _WAIT_SECONDS
    waiting = {job_id: user for user in users for job_id in user.jobs}
    while waiting:
        for job_id, user in list(waiting.items()):
            job = user.client.job(job_id)
            if job["status"] in {"completed", "failed", "cancelled"}:
                expect(
                    may_fail or job["status"] != "failed", f"job {job_id} failed: {job['error']}"
                )
                del waiting[job_id]
            expect(
                time.monotonic() < deadline, f"{len(waiting)} jobs are unfinished, {job_id} {job}"
            )
        time.sleep(0.5)


def check_results(users: list[User], known: dict[Path, str]) -> Counter[str]:
    """Check that every result equals that of the run without kills; returns jobs by status."""
    ends: Counter[str] = Counter()
    for user in users:
        for job_id, file in user.jobs.items():
            status = user.client.job(job_id)["status"]
            ends[status] += 1
            if status == "completed":
                found = hashlib.sha256(user.client.download(job_id)).hexdigest()
                expect(found == known[file], f"the result of {job_id} is not that of {file.name}")
    return ends


def check_mails(target: Target, users: list[User], kills: int) -> tuple[int, int]:
    """Check one mail for each event, two at most where the notifier died.

    Where many results are restored at once, only the last ones need a mail. Returns the numbers of
    mails and of duplicates. Raises Surprise.
    """
    mails = duplicates = 0
    for user in users:
        deadline = time.monotonic() + 60
        while True:
            sent = Counter(
                found.group(1)
                for subject, text in mails_to(target.aws_url, user.email)
                if is_about_a_job(subject) and (found := _REFERENCE.search(text))
            )
            events: list[Any] = []
            for job_id in user.jobs:
                events += user.client.get(f"/jobs/{job_id}/events")
            wanted = {event["id"] for event in events if event["type"] in _MAILED}
            restored = {event["id"] for event in events if event["type"] == _RESTORED}
            needed = wanted - restored if len(restored) > MOST_ALONE else wanted
            is_right = needed <= set(sent) <= wanted
            if is_right or time.monotonic() > deadline:
                break
            time.sleep(1)
        wrong = len(needed - set(sent)) + len(set(sent) - wanted)
        expect(is_right, f"{wrong} mails of {user.name} are missing or unexpected")
        expect(max(sent.values()) <= 2, f"a mail was sent {max(sent.values())} times")
        mails += sent.total()
        duplicates += sent.total() - len(sent)
    expect(duplicates <= kills, f"{duplicates} mails twice, and the notifier died {kills} times")
    return mails, duplicates


def check_queues(settings: Settings) -> None:
    """Check that all queues and dead-letter queues are empty. Raises Surprise."""
    sqs = Aws(settings).sqs()
    deadline = time.monotonic() + _WAIT_SECONDS
    for name in QUEUES:
        for queue in (SqsQueue(sqs, settings.named(f"{name}{end}")) for end in ("", "-dlq")):
            while depth := queue.depth():
                expect(not queue.name.endswith("-dlq"), f"{depth} dead letters in {queue.name}")
                expect(time.monotonic() < deadline, f"{depth} messages are left in {queue.name}")
                time.sleep(0.5)


def play(target: Target, seconds: float, jobs: int, seed: int, folder: Path) -> None:
    """Do the whole run. Raises Surprise."""
    files = [vcf_of(folder, size) for size in SIZES]
    known = known_results(target, files)
    users = [User(target, name, files, seed + n) for n, name in enumerate(NAMES)]
    for user in users[:2]:
        user.upgrade()
    stop, tally = threading.Event(), Tally()
    threads = [
        threading.Thread(target=user.keep_busy, args=(stop, jobs // len(users), tally))
        for user in users
    ]
    threads.append(
        threading.Thread(target=kill_for, args=(target, stop, random.Random(seed), tally))
    )
    for thread in threads:
        thread.start()
    for _ in range(int(seconds)):
        time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join(180)
    print(f"{tally}", flush=True)
    for user in users:
        user.upgrade()
    redriven = redrive(users)
    wait_for_all_jobs(users)
    check_queues(Settings())
    ends = check_results(users, known)
    mails, duplicates = check_mails(target, users, tally.kills["notifier"])
    verified = _gas("verify")
    print(
        f"{ends.total()} jobs: {dict(ends)}, every result equal to the run without kills;"
        f" {mails} mails, {duplicates} of them twice; queues empty;"
        f" dead letters redriven: {redriven}; verify: {verified}"
    )


def main() -> int:
    """Start a stack, kill services, check everything, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--jobs", type=int, default=50, help="in flight")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--url", help="of running containers, with their --aws-url")
    parser.add_argument("--aws-url", default="http://127.0.0.1:4566")
    arguments = parser.parse_args()
    end_on_sigterm()
    print(f"random SIGKILL for {arguments.seconds:.0f} s, seed {arguments.seed}", flush=True)
    (ROOT / ".gas").mkdir(exist_ok=True)
    state = Path(tempfile.mkdtemp(prefix="kill-", dir=ROOT / ".gas"))
    overrides = {"GAS_LARGE_FILE_BYTES": str(LARGE_BYTES)}
    bounds = (arguments.seconds, arguments.jobs, arguments.seed, state)
    try:
        if arguments.url:
            os.environ |= {**CREDENTIALS, "AWS_ENDPOINT_URL": arguments.aws_url}
            play(killing_containers(arguments.url, arguments.aws_url), *bounds)
        else:
            with running_stack(state, GRACE_SECONDS, overrides) as stack:
                use_environment(stack)
                play(killing_processes(stack), *bounds)
    except Surprise as error:
        print(f"a promise was broken: {error}\nThe log: {state / 'stack.log'}")
        return 1
    shutil.rmtree(state)
    print("random SIGKILL: no promise broken")
    return 0


if __name__ == "__main__":
    sys.exit(main())
