"""``python -m web.sample``: have the public sample annotated by this installation, and wait.

Does nothing if the sample of this release, engine and bundle is there already. Run it after each
deployment; it may run twice, and be killed at any time: run it again.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from importlib.metadata import version as version_of_package

from gas.aws.clients import Aws
from gas.aws.errors import AwsError
from gas.domain.job import Job, JobStatus
from gas.observability import logs
from gas.runtime.repositories import account_repository, job_repository, write_context_for
from gas.settings import load
from web.ports import wire
from web.sample import BUNDLE
from web.sample.making import SampleFailed, SampleMaker, SampleVersion
from web.settings import WebSettings

_PAUSE_SECONDS = 0.5
_WAIT_SECONDS = 1800.0
"""Longer than a first job waits where workers scale down to none (a quarter of an hour)."""


def make(settings: WebSettings, release: str, wait_seconds: float) -> Job:
    """The completed job of the sample; older ones are deleted. Raises SampleFailed or AwsError."""
    aws = Aws(settings)
    ports = wire(settings, aws)
    bundle = next((one for one in ports.bundles().offered if one.name == BUNDLE), None)
    if bundle is None:
        raise SampleFailed(f"this installation does not offer the bundle {BUNDLE}: see GAS_BUNDLES")
    context = write_context_for("web", settings, aws)
    submission = ports.submission
    maker = SampleMaker(
        accounts=account_repository(context),
        jobs=job_repository(context),
        table=submission.table,
        uploads=submission.uploads,
        submission=submission,
    )
    job = maker.submit(SampleVersion.of(release, bundle), BUNDLE)
    job = wait(lambda: submission.table.get(job.user_id, job.job_id) or job, wait_seconds)
    maker.remove_older(job)
    return job


def wait(read: Callable[[], Job], seconds: float, pause_seconds: float = _PAUSE_SECONDS) -> Job:
    """The job once it is completed. Raises SampleFailed if it ends otherwise, or in time does not.

    A job that is late completes later all the same, and is the sample from then on.
    """
    deadline = time.monotonic() + seconds
    while True:
        job = read()
        if job.status is JobStatus.COMPLETED:
            return job
        if not job.is_unfinished:
            reason = job.error.message if job.error else f"the job is {job.status}"
            raise SampleFailed(f"{reason} (job {job.job_id})")
        if time.monotonic() > deadline:
            raise SampleFailed(f"after {seconds:.0f} s the job {job.job_id} is {job.status}")
        time.sleep(pause_seconds)


def main() -> int:
    """Print where the sample is; returns exit status 1 if there is none."""
    parser = argparse.ArgumentParser(prog="python -m web.sample", description=__doc__)
    parser.add_argument(
        "--release",
        default=version_of_package("gas-web"),
        help="what was deployed, such as a tag; another one means another sample",
    )
    parser.add_argument("--wait", type=float, default=_WAIT_SECONDS, metavar="SECONDS")
    arguments = parser.parse_args()
    settings = load(WebSettings)
    logs.configure("web", settings)
    try:
        make(settings, arguments.release, arguments.wait)
    except (SampleFailed, *AwsError) as error:
        print(f"no sample: {error}", file=sys.stderr)
        return 1
    print(f"a sample result, open to everyone: {settings.public_url.rstrip('/')}/sample")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
