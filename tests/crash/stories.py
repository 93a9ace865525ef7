"""The stories that are interrupted at every call. What must hold at their end: `endings.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gas.archive.store import LONGEST_WAIT
from gas.domain.job import Job, JobStatus
from gas.events import Tier
from gas.messaging.executions import execution_name
from tests.crash.clock import pause
from tests.crash.engines import engine, engine_of_large_results
from tests.crash.installation import GRACE_SECONDS, Installation
from tests.crash.operators import administration_of

CONTENT = b"##fileformat=VCFv4.2\n#CHROM\tPOS\n"
_ROUNDS = 60
_MOMENTS = 10
_MOMENTS_OF_PARTS = 100


class BrokenPromise(AssertionError):
    """A promise did not hold at the end of a story."""


def expect(condition: object, complaint: str) -> None:
    """Raise BrokenPromise unless the condition holds."""
    if not condition:
        raise BrokenPromise(complaint)


@dataclass
class Story:
    """One user and one job on an installation.

    ``earlier`` are deleted jobs of the user, ``lost`` events that the log has lost, ``email`` is
    the address of a user whose profile goes in the story.
    """

    installation: Installation
    user_id: str
    job_id: str = ""
    earlier: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    email: str = ""

    @property
    def job(self) -> Job:
        """The job, as the fold of its events."""
        found = self.installation.web_ports.jobs.jobs.load(self.job_id)
        assert found, "the job was submitted"
        return found

    def submit(self) -> None:
        """Ask for an upload form, upload and submit, as a browser does."""
        ask = self.installation.request
        form = {"filename": "my.vcf", "size_bytes": len(CONTENT)}
        _, promised = ask(self.user_id, "POST", "/uploads", form)
        fields = promised["fields"]
        bucket = self.installation.settings.bucket("inputs")
        self.installation.aws.s3().put_object(Bucket=bucket, Key=fields["key"], Body=CONTENT)
        status, job = ask(self.user_id, "POST", "/jobs", {"upload_id": promised["upload_id"]})
        expect(status == 202, f"submitting answers {status}: {job}")
        self.job_id = job["job_id"]

    def post(self, path: str) -> None:
        """A request of the user that must succeed, perhaps at a repetition."""
        status, answer = self.installation.request(self.user_id, "POST", path)
        expect(status == 200, f"POST {path} answers {status}: {answer}")

    def until(self, *statuses: JobStatus) -> None:
        """Run everything until the job has one of the statuses and all its events are published.

        Raises BrokenPromise.
        """
        for _ in range(_ROUNDS):
            if self.installation.deliver_all():
                continue
            if self.job.status in statuses and not self.is_unpublished():
                return
            if self.job.status is JobStatus.RESTORING and self.notice_arrives():
                continue
            if self.job.running_split and self.parts_arrive():
                continue
            self.installation.pass_time(GRACE_SECONDS + 1)
            self.installation.sweep()
        raise BrokenPromise(
            f"the job is {self.job.status}, not {' or '.join(statuses)}, and nothing changes"
        )

    def request_restores(self) -> None:
        """Let the restorer handle the upgrade and the messages of its fan-out."""
        for _ in range(_ROUNDS):
            if not self.installation.deliver("restorer"):
                return

    def notice_arrives(self) -> bool:
        """Wait up to half a second for the notice: the emulator sends it from its own thread."""
        for _ in range(_MOMENTS):
            if self.installation.depths()["thawer"]:
                return True
            pause()
        return False

    def parts_arrive(self) -> bool:
        """Wait up to five seconds for what an execution sends; it does so in a thread, too."""
        installation, split = self.installation, self.job.running_split
        assert split
        name = execution_name(self.job_id, split.version)
        for _ in range(_MOMENTS_OF_PARTS):
            if waiting := installation.depths()["annotator-parts"]:
                return waiting > installation.postponed["annotator-parts"]
            if not installation.executions.is_running(name):
                return False
            pause()
        return False

    def is_unpublished(self) -> bool:
        """Whether an event is still to be published."""
        log = self.installation.web_ports.jobs.log
        soon = self.installation.clock() + (self.installation.settings.archive_policy.grace * 2)
        return bool(log.unpublished(soon, 10))


def whole_life(story: Story) -> None:
    """Submit, annotate, mail, archive, upgrade, restore, thaw."""
    story.installation.processes.count_from_here()
    story.submit()
    story.until(JobStatus.COMPLETED, JobStatus.ARCHIVED)
    story.installation.pass_time(GRACE_SECONDS + 1)
    story.until(JobStatus.ARCHIVED)
    story.post("/account/upgrade")
    story.until(JobStatus.COMPLETED)


def cold_life(story: Story) -> None:
    """The same, with faults from the archival on: only that part depends on the store."""
    story.submit()
    story.until(JobStatus.COMPLETED)
    story.installation.processes.count_from_here()
    story.installation.pass_time(GRACE_SECONDS + 1)
    story.until(JobStatus.ARCHIVED)
    story.post("/account/upgrade")
    story.until(JobStatus.COMPLETED)


def race_of_upgrade_and_archival(operation: str) -> Callable[[Story], None]:
    """The upgrade and its consequences happen just before that call of the archiver."""

    def play(story: Story) -> None:
        story.submit()
        story.until(JobStatus.COMPLETED)
        story.installation.processes.count_from_here()
        story.installation.pass_time(GRACE_SECONDS + 1)

        def upgrade() -> None:
            story.post("/account/upgrade")
            story.request_restores()

        story.installation.injector.before_call = (operation, upgrade)
        story.installation.deliver("archiver")
        story.installation.injector.before_call = None
        story.post("/account/upgrade")  # where the archiver died before that call
        story.until(JobStatus.COMPLETED)

    return play


def notice_that_is_lost(story: Story) -> None:
    """The notice of a restore is lost: reconciliation asks the store itself."""
    story.submit()
    story.until(JobStatus.COMPLETED)
    story.installation.pass_time(GRACE_SECONDS + 1)
    story.until(JobStatus.ARCHIVED)
    story.post("/account/upgrade")
    story.request_restores()
    expect(story.notice_arrives(), "the notice that is to be lost never arrived")
    story.installation.lose_messages("thawer")
    story.installation.processes.count_from_here()
    story.installation.pass_time(LONGEST_WAIT[Tier.EXPEDITED].total_seconds() + 1)
    story.until(JobStatus.COMPLETED)


def downgrade(story: Story) -> None:
    """A Premium user's result stays warm until the user goes back to Free."""
    story.post("/account/upgrade")
    story.submit()
    story.until(JobStatus.COMPLETED)
    story.installation.processes.count_from_here()
    story.post("/account/downgrade")
    story.installation.pass_time(GRACE_SECONDS + 1)
    story.until(JobStatus.ARCHIVED)


def archive_in_parts(story: Story) -> None:
    """A large result is archived in three parts."""
    installation = story.installation
    with installation.annotating_with(engine_of_large_results):
        story.submit()
        story.until(JobStatus.COMPLETED)
    installation.processes.count_from_here()
    installation.pass_time(GRACE_SECONDS + 1)
    story.until(JobStatus.ARCHIVED)


def cancel_while_it_runs(story: Story) -> None:
    """The user cancels the job while the engine runs."""
    installation = story.installation

    def cancelled(task: Any, on_tick: Any, **more: Any) -> dict[str, int]:
        story.post(f"/jobs/{story.job_id}/cancel")
        on_tick(0.5, 1)
        return engine(task, **more)

    story.submit()
    with installation.annotating_with(cancelled):
        installation.processes.count_from_here()
        story.until(JobStatus.CANCELLED)


def mark_and_share(story: Story) -> None:
    """Notes, one of them changed and one deleted, and a link that somebody uses and one revoked."""
    ask, here = story.installation.request, f"/jobs/{story.job_id}"
    for key, version in (("1.1", 0), ("1.1", 1), ("2.1", 0), ("3.1", 0)):
        body = {"note": f"version {version}", "version": version}
        status, answer = ask(story.user_id, "PUT", f"{here}/marks/{key}", body)
        expect(status == 200, f"a note of version {version} answers {status}: {answer}")
    ask(story.user_id, "DELETE", f"{here}/marks/3.1?version=1")
    for _ in range(2):
        status, share = ask(story.user_id, "POST", f"{here}/shares", {"with_notes": True})
        expect(status == 201, f"a share answers {status}: {share}")
        _, found = ask(story.user_id, "GET", f"{here}/marks?share={share['token']}")
        expect(len(found["items"]) == 2, f"a reader sees {found}")
    ask(story.user_id, "DELETE", f"{here}/shares/{share['share_id']}")


def delete(story: Story) -> None:
    """A finished job is deleted with all its files, notes and shares."""
    story.submit()
    story.until(JobStatus.COMPLETED)
    mark_and_share(story)
    story.installation.processes.count_from_here()
    status, _ = story.installation.request(story.user_id, "DELETE", f"/jobs/{story.job_id}")
    expect(status in {204, 404}, f"deleting answers {status}")
    story.until(JobStatus.DELETED)


def run_again(story: Story) -> None:
    """A finished job is run again; the first one is deleted and takes nothing from the second."""
    story.post("/account/upgrade")
    story.submit()
    story.until(JobStatus.COMPLETED)
    first = story.job_id
    story.installation.processes.count_from_here()
    status, job = story.installation.request(
        story.user_id, "POST", f"/jobs/{first}/rerun", {}, "once"
    )
    expect(status == 202, f"running again answers {status}: {job}")
    status, answer = story.installation.request(story.user_id, "DELETE", f"/jobs/{first}")
    expect(status in {204, 404}, f"deleting answers {status}: {answer}")
    story.until(JobStatus.DELETED)  # not before it is too late to take that back
    story.earlier, story.job_id = (first,), job["job_id"]
    story.until(JobStatus.COMPLETED)
    expect(story.job.rerun_of == first, "the new job does not name the first")


def suspended_while_it_waits(story: Story) -> None:
    """A waiting job waits for the end of a suspension, and then runs."""
    operator = administration_of(story.installation)
    story.submit()
    operator.suspend(story.user_id, "a story")
    story.installation.processes.count_from_here()
    for _ in range(3):
        story.installation.deliver("annotator")
        story.installation.pass_time(GRACE_SECONDS)
    story.installation.processes.stop_counting()
    expect(story.job.status is JobStatus.SUBMITTED, f"a suspended job is {story.job.status}")
    operator.restore(story.user_id, "a story")
    story.until(JobStatus.ARCHIVED)


def suspended_before_it_is_archived(story: Story) -> None:
    """What is due during a suspension is archived a grace period after it."""
    operator = administration_of(story.installation)
    story.submit()
    story.until(JobStatus.COMPLETED)
    operator.suspend(story.user_id, "a story")
    story.installation.processes.count_from_here()
    for _ in range(3):
        story.installation.pass_time(GRACE_SECONDS + 1)
        story.installation.deliver("archiver")
    expect(story.job.status is JobStatus.COMPLETED, f"a suspended job is {story.job.status}")
    operator.restore(story.user_id, "a story")
    story.installation.pass_time(GRACE_SECONDS + 1)
    story.until(JobStatus.ARCHIVED)


STORIES: dict[str, Callable[[Story], None]] = {
    "whole life": whole_life,
    "cold life": cold_life,
    "upgrade before the copy": race_of_upgrade_and_archival("CopyObject"),
    "upgrade before the append": race_of_upgrade_and_archival("TransactWriteItems"),
    "upgrade before the warm copy goes": race_of_upgrade_and_archival("DeleteObjects"),
    "notice that is lost": notice_that_is_lost,
    "downgrade": downgrade,
    "archive in parts": archive_in_parts,
    "cancel while it runs": cancel_while_it_runs,
    "delete": delete,
    "run again": run_again,
    "suspended while it waits": suspended_while_it_waits,
    "suspended before it is archived": suspended_before_it_is_archived,
}
