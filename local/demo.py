"""``make demo``: the whole life of a job with a real VCF, every step checked.

Starts its own embedded stack, does what a user does, prints the timeline from the event log, stops
everything, and leaves the annotated files in ``.gas/demo``. The exit status is 0 only if every
check passed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from local.client import Client, Surprise, expect, log_in, mails_to, make_token
from local.csq import Result
from local.demo_bundles import look_at_public_sample, play_chromosome_21
from local.setup import READY
from local.stack import ROOT, Stack
from web.sample import FILE

DEMO_VCF = ROOT / "local" / "data" / "human-mt.vcf"
EMAIL = "rosalind@example.org"
_START_SECONDS = 120.0
_STOP_SECONDS = 30.0
_MAIL_SECONDS = 30.0
_ANNOTATION_SECONDS = 600.0
_PROGRESS_SECONDS = 1.0
_RESULTS = ROOT / ".gas" / "demo"


class StartFailed(Exception):
    """The stack did not start; the message says where to look."""


def end_on_sigterm() -> None:
    """Leave in good order when told to, so that a running stack is ended too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


@contextlib.contextmanager
def running_stack(
    state: Path, grace_seconds: int, environment: dict[str, str] | None = None
) -> Iterator[Stack]:
    """A stack on free ports, ended when the block ends. Raises StartFailed.

    ``environment`` overrides what the services are configured with.
    """
    command = [sys.executable, "-m", "local.dev", "--port", "0", "--once"]
    command += ["--grace", str(grace_seconds), "--state", str(state)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "GAS_LOCAL_OVERRIDES": json.dumps(environment or {})},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        _wait_until_ready(process)
        yield Stack.load(state)
    finally:
        end(process, _STOP_SECONDS)


def end(process: subprocess.Popen[Any], seconds: float) -> None:
    """Ask the process to stop, and kill it if it has not ended after so many seconds."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    for line in process.stdout or ():
        if line.startswith(READY):
            return
        if time.monotonic() > deadline:
            break
    raise StartFailed("the stack did not start")


@dataclass(frozen=True, slots=True)
class Place:
    """A GAS that runs: its address, that of its AWS emulator, and its grace period."""

    url: str
    aws_url: str
    grace_seconds: int


class Storyteller:
    """Prints each step as it begins and when it has been checked, and that a long one goes on."""

    def __init__(self, progress_seconds: float = _PROGRESS_SECONDS) -> None:
        self._began = time.monotonic()
        self._progress_seconds = progress_seconds

    @contextlib.contextmanager
    def step(self, text: str) -> Iterator[None]:
        """One step of the story."""
        self.say(f"{text} …")
        ended = threading.Event()
        progress = threading.Thread(target=self._show_progress, args=(ended,), daemon=True)
        progress.start()
        try:
            yield
        finally:
            ended.set()
            progress.join()
        self.say(f"✓ {text}")

    def _show_progress(self, ended: threading.Event) -> None:
        """A line after a second, two, four and so on, then one every half a minute."""
        seconds = pause = self._progress_seconds
        while not ended.wait(pause):
            self.note(f"… {seconds:.0f} s")
            pause = min(seconds, 30.0)
            seconds += pause

    def say(self, text: str) -> None:
        """One line, with the seconds since the beginning."""
        print(f"  {time.monotonic() - self._began:6.1f} s  {text}", flush=True)

    def note(self, text: str) -> None:
        """Something seen on the way."""
        print(f"            {text}", flush=True)


def play(place: Place, vcf: Path, tell: Storyteller) -> dict[Path, bytes]:
    """The story; gives the annotated file of each input. Raises Surprise at the first failure."""
    look_at_public_sample(place.url, tell)
    with tell.step("log in through the OpenID provider"):
        browser = log_in(place.url, EMAIL)
        user = Client(place.url, make_token(place.url, browser))
        expect(user.get("/account")["plan"] == "free", "a new account is not on the Free plan")
    with tell.step(f"upload {vcf.name} through the presigned POST"):
        upload_id = user.upload(vcf)
    with tell.step("submit, and watch it complete"):
        job_id = user.submit(upload_id)
        job = user.wait_for(job_id, "completed", seconds=_ANNOTATION_SECONDS, on_change=tell.note)
        tell.note(f"{job['counts']['records']:,} records, {job['counts']['annotated']:,} annotated")
    with tell.step("read the mail"):
        _expect_mail(place, "annotated", job_id)
    with tell.step("download the result and check it"):
        result = user.download(job_id)
        _check_result(result, vcf, job, tell)
    other_result = play_chromosome_21(user, tell)
    with tell.step(f"wait for the grace period ({place.grace_seconds} s) and the archive"):
        user.wait_for(job_id, "archived", seconds=place.grace_seconds + 60, on_change=tell.note)
        _expect_mail(place, "archived", job_id)
    with tell.step("the download is refused, log and summary are not"):
        refused = user.call("GET", f"/jobs/{job_id}/result")
        expect(refused.status_code == 409, f"the download answers {refused.status_code}")
        expect(refused.json()["type"].endswith("result-archived"), refused.text)
        expect(
            user.get(f"/jobs/{job_id}/summary")["records"] == job["counts"]["records"], "summary"
        )
        expect(user.download(job_id, "log"), "the log is not readable")
    with tell.step("upgrade to Premium, and watch the result come back"):
        expect(user.call("POST", "/account/upgrade").json()["plan"] == "premium", "no upgrade")
        user.wait_for(job_id, "completed", on_change=tell.note)
        _expect_mail(place, "is back", job_id)
    with tell.step("download it again: byte for byte equal"):
        expect(user.download(job_id) == result, "the restored result differs from the first")
    _print_timeline(user, job_id)
    return {vcf: result, FILE: other_result}


def _expect_mail(place: Place, word: str, job_id: str) -> None:
    deadline = time.monotonic() + _MAIL_SECONDS
    while True:
        for subject, text in mails_to(place.aws_url, EMAIL):
            if word in subject and job_id in text:
                return
        expect(time.monotonic() < deadline, f"no mail says “{word}” after {_MAIL_SECONDS:.0f} s")
        time.sleep(0.1)


def _check_result(result: bytes, vcf: Path, job: dict[str, Any], tell: Storyteller) -> None:
    found = Result.of(result)
    expect(len(found.records) == job["counts"]["records"], "the result lacks records")
    lhon = [
        fields
        for fields in found.records
        if fields[0] in {"MT", "chrM", "M"} and fields[1] == "11778" and fields[4] == "A"
    ]
    if vcf == DEMO_VCF:
        expect(lhon, "m.11778G>A is not in the result")
    for fields in lhon:
        entry = found.missense(fields, "MT-ND4", "p.Arg340His")
        expect(entry and entry["PICK"] == "1", f"m.11778G>A: {fields[7]}")
        expect("MITOMAP_DISEASE=LHON" in fields[7], f"m.11778G>A: {fields[7]}")
        tell.note("m.11778G>A is a missense variant of MT-ND4, p.Arg340His, known to cause LHON")


def _print_timeline(user: Client, job_id: str) -> None:
    print("\n  The job's story, from the event log:")
    before: datetime | None = None
    for event in user.get(f"/jobs/{job_id}/events"):
        time_ = datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
        passed = (time_ - before).total_seconds() if before else 0.0
        before = time_
        print(f"    {time_:%H:%M:%S.%f}  {passed:+8.3f} s  {event['type']:<32} {event['source']}")
    print()


def main() -> int:
    """Start the stack, play, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vcf", type=Path, default=DEMO_VCF)
    parser.add_argument("--grace", type=int, default=5, help="seconds until the result is archived")
    parser.add_argument("--url", help="play against a GAS that runs already, with its --aws-url")
    parser.add_argument("--aws-url", default="http://127.0.0.1:4566")
    arguments = parser.parse_args()
    if not arguments.vcf.is_file():
        parser.error(f"there is no file {arguments.vcf}")
    if not 1 <= arguments.grace <= 900:
        parser.error("--grace must be from 1 to 900 seconds")
    end_on_sigterm()
    vcf = arguments.vcf.resolve()
    if arguments.url:
        return against(Place(arguments.url, arguments.aws_url, arguments.grace), vcf)
    return embedded(vcf, arguments.grace)


def against(place: Place, vcf: Path) -> int:
    """Play on a GAS that runs already."""
    try:
        results = play(place, vcf, Storyteller())
    except Surprise as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return 1
    print(f"Every step was checked. The annotated files: {_keep(results)}")
    return 0


def embedded(vcf: Path, grace_seconds: int) -> int:
    """Start an embedded stack, play, stop."""
    (ROOT / ".gas").mkdir(exist_ok=True)
    state = Path(tempfile.mkdtemp(prefix="demo-", dir=ROOT / ".gas"))
    tell = Storyteller()
    with contextlib.ExitStack() as running:
        try:
            with tell.step("start the stack: AWS emulator, OpenID provider, five services"):
                stack = running.enter_context(running_stack(state, grace_seconds))
            results = play(Place(stack.url, stack.aws_url, grace_seconds), vcf, tell)
            with tell.step("stop everything"):
                running.close()
        except (StartFailed, Surprise) as error:
            print(f"\nThe demo failed: {error}\nThe log: {state / 'stack.log'}", file=sys.stderr)
            return 1
    shutil.rmtree(state)
    print(f"\nEvery step was checked. The annotated files: {_keep(results)}")
    print("Next: make dev, then open http://127.0.0.1:5000")
    return 0


def _keep(results: dict[Path, bytes]) -> str:
    """Write the results where the user finds them; gives their paths, relative if they can be."""
    _RESULTS.mkdir(parents=True, exist_ok=True)
    kept = []
    for vcf, result in results.items():
        path = _RESULTS / f"{vcf.name.removesuffix('.gz').removesuffix('.vcf')}.annotated.vcf.gz"
        path.write_bytes(result)
        kept.append(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
    return ", ".join(map(str, kept))


if __name__ == "__main__":
    raise SystemExit(main())
