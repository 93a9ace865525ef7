"""A job that is run again: a new job on a copy of the same input, perhaps with other options.

A copy, so that each job owns its input: deleting one of the two takes nothing from the other
(docs: decision 30).
"""

from __future__ import annotations

from dataclasses import dataclass

from gas.domain.account import Account
from gas.domain.job import Job
from gas.files.bucket import FileChanged, NoSuchFile
from gas.files.inputs import pin_of
from web.jobs.idempotency import IdempotencyKey
from web.jobs.submission import JobOptions, Submission
from web.problems import Problem


@dataclass(frozen=True, slots=True)
class RerunOptions:
    """What is to be different this time; None stands for "as before".

    For the bundle that is what the job named: with a name alone the version that is offered now.
    """

    bundle: str | None = None
    split_multiallelics: bool | None = None

    def after(self, job: Job) -> JobOptions:
        """The options of the new job."""
        split = self.split_multiallelics
        return JobOptions(
            bundle=self.bundle or job.bundle,
            split_multiallelics=job.split_multiallelics if split is None else split,
        )


def rerun(
    submission: Submission,
    account: Account,
    job: Job,
    options: RerunOptions,
    idempotency_key: str | None,
) -> Job:
    """Run an ended job of the account's user again; returns the new job.

    The same one each time for the same idempotency key. Raises Problem: 403 before the terms are
    accepted, 409 if the job has not ended, its input is no longer kept, or the key was used for
    another request, 400 for an unknown bundle, 413 if the plan allows only smaller files, 429 with
    too many waiting jobs or too much stored.
    """
    key = IdempotencyKey.of(
        idempotency_key, "rerun", job.job_id, options.bundle, options.split_multiallelics
    )
    earlier = submission.job_of_key(account, key)
    if earlier:
        return earlier
    if job.is_unfinished:
        raise _not_ended()
    if not job.input.etag:
        raise _never_fetched()
    chosen = options.after(job)
    submission.check_bundle(chosen.bundle, (job.bundle, job.bundle_version or ""))
    submission.quotas.check_jobs(account)
    submission.quotas.check_bytes(account, job.input.size_bytes)
    upload = submission.new_upload(account, job.input.filename, job.input.size_bytes)
    try:
        # The row of the upload is there first. A crash from here on leaves an upload without a
        # job, which reconciliation removes like any other.
        submission.inputs.copy(job.input.key, upload.key, pin_of(job.input))
    except (NoSuchFile, FileChanged):
        raise _input_gone() from None
    return submission.submit_new(account, upload, chosen, key, job.job_id)


def is_input_kept(submission: Submission, job: Job) -> bool:
    """Whether the job's input was there within the last minute: GAS deleted it after 30 days once.

    For what a page offers; whoever uses the input asks for itself.
    """
    if not job.input.etag:
        return False  # it was never fetched
    minute = int(submission.now().timestamp() // 60)
    key = f"{job.input.key}@{job.input.version_id}/{minute}"
    return submission.known_inputs.of(key, lambda: _has_input(submission, job))


def _has_input(submission: Submission, job: Job) -> bool:
    try:
        submission.inputs.info(job.input.key, pin_of(job.input))
    except (NoSuchFile, FileChanged):
        return False
    return True


def _not_ended() -> Problem:
    return Problem(
        409,
        "job-not-finished",
        "The job has not ended",
        "A job can be run again once it has ended. Wait for it, or cancel it first.",
    )


def _never_fetched() -> Problem:
    return Problem(
        409,
        "input-gone",
        "The file of this job was never fetched",
        "The address is not kept. Give it again, with POST /api/v1/uploads/url or on the page “New"
        " job”, or upload the file.",
    )


def _input_gone() -> Problem:
    return Problem(
        409,
        "input-gone",
        "The file of this job is no longer kept",
        "GAS kept uploads for 30 days when this job ran; today it keeps them as long as their job."
        " Upload the file again.",
    )
