"""What must hold at the end of each story, whatever was interrupted."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Any

from gas.domain.job import COLD, Job, JobStatus
from gas.events import Plan, ResultKind
from gas.eventstore.repository import ACCOUNT, JOB
from gas.tables.personal import MARKS, SHARES
from local.client import mails_to
from tests.crash.closing import check_nothing_is_left
from tests.crash.installation import Installation
from tests.crash.stories import CONTENT, Story, expect
from tests.support.mails import is_about_a_job

_MAILED = {
    "gas.job.completed.v1": "is annotated",
    "gas.job.failed.v1": "could not be annotated",
    "gas.job.archived.v1": "is archived",
    "gas.job.restored.v1": "is back",
}
_REFERENCE = re.compile(r"Reference: (\S+)")


def let_days_pass(installation: Installation) -> None:
    """Let days pass and handle every message, until nothing is left to do."""
    installation.pass_time(86_400 + 3600)
    for _ in range(1 + installation.has_vault):  # a vault makes an inventory before it can be read
        installation.sweep()
        while installation.deliver_all():
            pass
        installation.pass_time(86_400 + 3600)


def check_the_end(story: Story, *, may_mail_twice: bool) -> None:
    """Check every promise, once a story is over and days have passed. Raises BrokenPromise.

    A mail may be sent twice where the fault fell on sending it.
    """
    installation = story.installation
    let_days_pass(installation)
    expect(not story.is_unpublished(), "an event was never published")
    depths = installation.depths()
    for name in installation.consumers:
        expect(not depths[name], f"the queue of {name} is not empty")
        expect(not depths[f"{name}-dlq"], f"{name} has dead letters: {installation.reasons(name)}")
    log = installation.web_ports.jobs.log
    events = log.read(f"job/{story.job_id}")
    job = JOB.fold(events)
    assert job
    expect(
        installation.web_ports.jobs.table.get(job.user_id, job.job_id) == job,
        "the row of the job is not the fold of its events",
    )
    account = ACCOUNT.fold(log.read(f"account/{job.user_id}"))
    expect(
        installation.web_ports.accounts.table.get(job.user_id) == account,
        "the account's row is wrong",
    )
    assert account
    _check_copies(story, job, account.plan)
    _check_personal(story, job)
    most = 2 if may_mail_twice else 1
    if account.is_closed:
        check_nothing_is_left(story, account, most)
    events += [event for job_id in story.earlier for event in log.read(f"job/{job_id}")]
    _check_mails(story, events, job, most)


def _check_copies(story: Story, job: Job, plan: Plan) -> None:
    installation = story.installation
    s3, settings = installation.aws.s3(), installation.settings
    expect(not job.is_unfinished, f"the job hangs in {job.status}")
    expect(not (plan is Plan.PREMIUM and job.status in COLD), f"a Premium job is {job.status}")
    warm = installation.keys("results", job.user_id)
    named = set() if job.status is JobStatus.DELETED else {file.key for file in job.results}
    expect(warm == named, f"results {sorted(warm)} are not the job's {sorted(named)}")
    if job.status is JobStatus.COMPLETED:
        file = job.result(ResultKind.VCF)
        assert file
        body = s3.get_object(Bucket=settings.bucket("results"), Key=file.key)["Body"].read()
        expect(body == CONTENT, "the result is not what was annotated")
        expect(hashlib.sha256(body).hexdigest() == file.sha256, "the log contains another checksum")
    inputs = installation.keys("inputs", job.user_id)
    kept = set() if job.status is JobStatus.DELETED else {job.input.key}
    expect(inputs == kept, f"inputs {sorted(inputs)} are not the job's {sorted(kept)}")
    cold = installation.keys("archive", job.user_id)
    archived = job.archive if job.status in COLD else None
    held = {archived.archive_id} if archived and archived.store == "s3" else set()
    expect(cold == held, f"archives {cold} are not the job's {held}")
    left = installation.keys("parts", job.user_id)
    expect(not left, f"of a job that has ended the parts {sorted(left)} are left")
    for key in held:
        head = s3.head_object(Bucket=settings.bucket("archive"), Key=key)
        expect(archived and head["ContentLength"] == archived.size_bytes, "the archive is cut off")
    _check_nothing_is_hidden(story, job, s3)


def _check_nothing_is_hidden(story: Story, job: Job, s3: Any) -> None:
    """Check that no copy is half done, and that no version of a deleted job is left."""
    settings = story.installation.settings
    for name in ("inputs", "results", "archive", "parts"):
        bucket = settings.bucket(name)
        page = s3.list_multipart_uploads(Bucket=bucket, Prefix=f"{job.user_id}/")
        expect(not page.get("Uploads"), f"a copy in parts to {name} was never aborted")
        deleted = [*story.earlier, *([job.job_id] if job.status is JobStatus.DELETED else [])]
        for job_id in deleted:
            found = s3.list_object_versions(Bucket=bucket, Prefix=f"{job.user_id}/{job_id}/")
            left = found.get("Versions", []) + found.get("DeleteMarkers", [])
            expect(not left, f"versions of a deleted job are left in {name}")


def _check_personal(story: Story, job: Job) -> None:
    table = story.installation.web_ports.personal.table
    rows = [row for kind in (MARKS, SHARES) for row in table.page(job.user_id, f"{kind}/", 9)]
    left = [row.entry for row in rows if job.status is JobStatus.DELETED]
    expect(not left, f"the deleted job left {left}")


def _check_mails(story: Story, events: Any, job: Job, most: int) -> None:
    installation = story.installation
    profile = installation.web_ports.accounts.profiles.get(job.user_id)
    address = profile.email if profile else story.email
    url = str(installation.settings.endpoint_url)
    mails = [mail for mail in mails_to(url, address) if is_about_a_job(mail[0])]
    sent = Counter(found.group(1) for _, text in mails if (found := _REFERENCE.search(text)))
    expect(sum(sent.values()) == len(mails), "a mail has no reference")
    wanted = {event.id for event in events if event.type in _MAILED}
    told = set(sent) - set(story.lost)
    expect(told == wanted, f"mails of {told}, events {wanted}")
    for event_id, times in sent.items():
        expect(times <= most, f"the mail of {event_id} was sent {times} times")
