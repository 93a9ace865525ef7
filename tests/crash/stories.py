"""The stories that are cut short at every call, and what must hold at the end of each."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from gas.archive.store import LONGEST_WAIT
from gas.domain.job import COLD, Job, JobStatus
from gas.events import Plan, ResultKind, Tier
from gas.eventstore.repository import ACCOUNT, JOB
from local.client import mails_to
from tests.crash.site import GRACE_SECONDS, Site, engine, pause

CONTENT = b"##fileformat=VCFv4.2\n#CHROM\tPOS\n"
_ROUNDS = 60
_MOMENTS = 10
_TOLD = {
    "gas.job.completed.v1": "is annotated",
    "gas.job.failed.v1": "could not be annotated",
    "gas.job.archived.v1": "is archived",
    "gas.job.restored.v1": "is back",
}
_REFERENCE = re.compile(r"Reference: (\S+)")


class Broken(AssertionError):
    """A promise did not hold at the end of a story."""


def expect(condition: object, complaint: str) -> None:
    """Raise Broken unless the condition holds."""
    if not condition:
        raise Broken(complaint)


@dataclass
class Story:
    """One user and one job on a site."""

    site: Site
    user_id: str
    job_id: str = ""

    @property
    def job(self) -> Job:
        """The job as its events say."""
        found = self.site.web_ports.jobs.jobs.load(self.job_id)
        assert found, "the job was submitted"
        return found

    def submit(self) -> None:
        """Promise, upload and submit, as a browser does."""
        ask = self.site.request
        form = {"filename": "my.vcf", "size_bytes": len(CONTENT)}
        _, promised = ask(self.user_id, "POST", "/uploads", form)
        fields = promised["fields"]
        bucket = self.site.settings.bucket("inputs")
        self.site.aws.s3().put_object(Bucket=bucket, Key=fields["key"], Body=CONTENT)
        status, job = ask(self.user_id, "POST", "/jobs", {"upload_id": promised["upload_id"]})
        expect(status == 202, f"submitting answers {status}: {job}")
        self.job_id = job["job_id"]

    def post(self, path: str) -> None:
        """An act of the user that must succeed, or have succeeded."""
        status, answer = self.site.request(self.user_id, "POST", path)
        expect(status == 200, f"POST {path} answers {status}: {answer}")

    def until(self, *statuses: JobStatus) -> None:
        """Let everything run until the job is there and nothing is left to do."""
        for _ in range(_ROUNDS):
            if self.site.deliver_all():
                continue
            if self.job.status in statuses and not self._is_unpublished():
                return
            if self.job.status is JobStatus.RESTORING and self.notice_comes():
                continue
            self.site.pass_time(GRACE_SECONDS + 1)
            self.site.sweep()
        raise Broken(
            f"the job is {self.job.status}, not {' or '.join(statuses)}, and nothing moves"
        )

    def restores_are_asked_for(self) -> None:
        """The upgrade is read out, and its errands are done."""
        for _ in range(_ROUNDS):
            if not self.site.deliver("restorer"):
                return

    def notice_comes(self) -> bool:
        """The emulator takes a moment to thaw, and says so from a thread of its own."""
        for _ in range(_MOMENTS):
            if self.site.depths()["thawer"]:
                return True
            pause()
        return False

    def _is_unpublished(self) -> bool:
        log = self.site.web_ports.jobs.log
        soon = self.site.clock() + (self.site.settings.grace * 2)
        return bool(log.unpublished(soon, 10))


def whole_life(story: Story) -> None:
    """Submit, annotate, mail, archive, upgrade, restore, thaw."""
    story.site.count_from_here()
    story.submit()
    story.until(JobStatus.COMPLETED, JobStatus.ARCHIVED)
    story.site.pass_time(GRACE_SECONDS + 1)
    story.until(JobStatus.ARCHIVED)
    story.post("/account/upgrade")
    story.until(JobStatus.COMPLETED)


def cold_life(story: Story) -> None:
    """The same from the archival on: for stores of which only that part differs."""
    story.submit()
    story.until(JobStatus.COMPLETED)
    story.site.count_from_here()
    story.site.pass_time(GRACE_SECONDS + 1)
    story.until(JobStatus.ARCHIVED)
    story.post("/account/upgrade")
    story.until(JobStatus.COMPLETED)


def race_of_upgrade_and_archival(operation: str) -> Callable[[Story], None]:
    """The upgrade, and all that follows from it, falls just before that call of the archiver."""

    def play(story: Story) -> None:
        story.submit()
        story.until(JobStatus.COMPLETED)
        story.site.count_from_here()
        story.site.pass_time(GRACE_SECONDS + 1)

        def upgrade() -> None:
            story.post("/account/upgrade")
            story.restores_are_asked_for()

        story.site.saboteur.interlude = (operation, upgrade)
        story.site.deliver("archiver")
        story.site.saboteur.interlude = None
        story.post("/account/upgrade")  # where the archiver died before it
        story.until(JobStatus.COMPLETED)

    return play


def notice_that_is_lost(story: Story) -> None:
    """Cold storage was asked and its notice never came: reconciliation asks the store itself."""
    story.submit()
    story.until(JobStatus.COMPLETED)
    story.site.pass_time(GRACE_SECONDS + 1)
    story.until(JobStatus.ARCHIVED)
    story.post("/account/upgrade")
    story.restores_are_asked_for()
    expect(story.notice_comes(), "the notice that is to be lost never came")
    story.site.lose_messages("thawer")
    story.site.count_from_here()
    story.site.pass_time(LONGEST_WAIT[Tier.EXPEDITED].total_seconds() + 1)
    story.until(JobStatus.COMPLETED)


def downgrade(story: Story) -> None:
    """A Premium user's result stays at hand until the user goes back to Free."""
    story.post("/account/upgrade")
    story.submit()
    story.until(JobStatus.COMPLETED)
    story.site.count_from_here()
    story.post("/account/downgrade")
    story.site.pass_time(GRACE_SECONDS + 1)
    story.until(JobStatus.ARCHIVED)


def cancel_while_it_runs(story: Story) -> None:
    """The user calls the job off while the engine works."""
    site, ports = story.site, story.site.annotator_ports

    def cancelled(task: Any, on_tick: Any, **more: Any) -> dict[str, int]:
        story.post(f"/jobs/{story.job_id}/cancel")
        on_tick(0.5, 1)
        return engine(task, **more)

    story.submit()
    site.annotator_ports = replace(ports, annotate=cancelled)
    site.consumers["annotator"] = site.annotator_consumer()
    site.count_from_here()
    try:
        story.until(JobStatus.CANCELLED)
    finally:
        site.annotator_ports = ports
        site.consumers["annotator"] = site.annotator_consumer()


def delete(story: Story) -> None:
    """A finished job is deleted, and all that it had is freed."""
    story.submit()
    story.until(JobStatus.COMPLETED)
    story.site.count_from_here()
    status, _ = story.site.request(story.user_id, "DELETE", f"/jobs/{story.job_id}")
    expect(status in {204, 404}, f"deleting answers {status}")
    story.until(JobStatus.DELETED)


STORIES: dict[str, Callable[[Story], None]] = {
    "whole life": whole_life,
    "cold life": cold_life,
    "upgrade before the copy": race_of_upgrade_and_archival("CopyObject"),
    "upgrade before the append": race_of_upgrade_and_archival("TransactWriteItems"),
    "upgrade before the warm copy goes": race_of_upgrade_and_archival("DeleteObjects"),
    "notice that is lost": notice_that_is_lost,
    "downgrade": downgrade,
    "cancel while it runs": cancel_while_it_runs,
    "delete": delete,
}


def come_to_rest(site: Site) -> None:
    """Let days pass, until nothing is left to do."""
    site.pass_time(86_400 + 3600)
    for _ in range(1 + site.has_vault):  # a vault is asked to count before it is read
        site.sweep()
        while site.deliver_all():
            pass
        site.pass_time(86_400 + 3600)


def check_the_end(story: Story, *, may_mail_twice: bool) -> None:
    """Every promise, once a story is over and a day has passed. Raises Broken.

    A mail may be sent twice where the fault fell on sending it.
    """
    site = story.site
    come_to_rest(site)
    expect(not story._is_unpublished(), "an event was never published")
    depths = site.depths()
    for name in site.consumers:
        expect(not depths[name], f"the queue of {name} is not empty")
        expect(not depths[f"{name}-dlq"], f"{name} has dead letters: {site.reasons(name)}")
    events = site.web_ports.jobs.log.read(f"job/{story.job_id}")
    job = JOB.fold(events)
    assert job
    expect(
        site.web_ports.jobs.table.get(job.user_id, job.job_id) == job,
        "the row of the job is not the fold of its events",
    )
    account = ACCOUNT.fold(site.web_ports.jobs.log.read(f"account/{job.user_id}"))
    expect(site.web_ports.accounts.table.get(job.user_id) == account, "the account's row is wrong")
    assert account
    _check_copies(story, job, account.plan)
    _check_mails(site, events, job, 2 if may_mail_twice else 1)


def _check_copies(story: Story, job: Job, plan: Plan) -> None:
    site = story.site
    s3, settings = site.aws.s3(), site.settings
    expect(not job.is_unfinished, f"the job hangs in {job.status}")
    expect(not (plan is Plan.PREMIUM and job.status in COLD), f"a Premium job is {job.status}")
    prefix = f"{job.user_id}/"
    warm = _keys(s3, settings.bucket("results"), prefix)
    named = set() if job.status is JobStatus.DELETED else {file.key for file in job.results}
    expect(warm == named, f"results {sorted(warm)} are not the job's {sorted(named)}")
    if job.status is JobStatus.COMPLETED:
        file = job.result(ResultKind.VCF)
        assert file
        body = s3.get_object(Bucket=settings.bucket("results"), Key=file.key)["Body"].read()
        expect(body == CONTENT, "the result is not what was annotated")
        expect(hashlib.sha256(body).hexdigest() == file.sha256, "the log has another checksum")
    cold = _keys(s3, settings.bucket("archive"), prefix)
    archived = job.archive if job.status in COLD else None
    held = {archived.archive_id} if archived and archived.store == "s3" else set()
    expect(cold == held, f"archives {cold} are not the job's {held}")


def _keys(s3: Any, bucket: str, prefix: str) -> set[str]:
    page = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
    return {found["Key"] for found in page.get("Contents", [])}


def _check_mails(site: Site, events: Any, job: Job, most: int) -> None:
    profile = site.web_ports.accounts.profiles.get(job.user_id)
    assert profile
    mails = mails_to(str(site.settings.endpoint_url), profile.email)
    sent = Counter(found.group(1) for _, text in mails if (found := _REFERENCE.search(text)))
    expect(sum(sent.values()) == len(mails), "a mail has no reference")
    wanted = {event.id for event in events if event.type in _TOLD}
    expect(set(sent) == wanted, f"mails of {set(sent)}, events {wanted}")
    for event_id, times in sent.items():
        expect(times <= most, f"the mail of {event_id} was sent {times} times")
