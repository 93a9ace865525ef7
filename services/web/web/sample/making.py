"""Has the sample annotated by this installation, once for each release, engine and bundle.

The newest completed job of the system's account is the sample that people see. So an older one
stays open until a newer one is completed, whatever happens to this process.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

import structlog

from gas.domain.account import SYSTEM_USER_ID, Account, Register, Upgrade
from gas.domain.errors import IllegalStep
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import Cancel, Delete
from gas.eventstore.repository import AccountRepository, JobRepository
from gas.tables.jobs import JobTable
from gas.tables.uploads import Upload, UploadTable
from web.bundles import DescribedBundle
from web.jobs.submission import JobOptions, Submission
from web.sample import FILE

logger = structlog.get_logger()

MAX_TRIES = 20
"""How often one and the same sample is submitted anew, after its job failed or was deleted."""

_NAMESPACE = UUID("0f3c9f0e-94c1-4b59-8f43-0f2c1be6a3d7")
_SUPERSEDED = "a newer sample is completed"
_GONE = {JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.DELETED}
_OLDER_JOBS = 100  # one release leaves one job behind


class SampleFailed(Exception):
    """The sample cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class SampleVersion:
    """What the sample is made from and with. Another value of any field is another sample."""

    release: str
    engine: str
    bundle: str
    sha256: str

    @classmethod
    def of(cls, release: str, bundle: DescribedBundle, file: Path = FILE) -> SampleVersion:
        """The version that this installation would make of ``file`` now."""
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        return cls(release, bundle.engine or "", f"{bundle.name}@{bundle.version}", digest)

    def upload_id(self, number: int) -> str:
        """The id of the upload of try ``number``: always the same, so each try is one job."""
        parts = (self.release, self.engine, self.bundle, self.sha256, str(number))
        return str(uuid5(_NAMESPACE, "\n".join(parts)))


@dataclass(frozen=True, slots=True)
class SampleMaker:
    """Makes the sample with the services and tables that a user's job goes through."""

    accounts: AccountRepository
    jobs: JobRepository
    table: JobTable
    uploads: UploadTable
    submission: Submission

    def submit(self, version: SampleVersion, bundle: str, file: Path = FILE) -> Job:
        """The job of that version, submitted unless there is one already that has not failed.

        Raises SampleFailed after ``MAX_TRIES`` jobs that failed.
        """
        account = self._account()
        for number in range(MAX_TRIES):
            upload_id = version.upload_id(number)
            upload = self.uploads.get(upload_id)
            if upload is None or upload.job_id is None:
                return self._submit_new(account, upload_id, bundle, file)
            job = self.table.get(SYSTEM_USER_ID, upload.job_id)
            if job and job.status not in _GONE:
                return job
        raise SampleFailed(f"the sample failed {MAX_TRIES} times: see the log of the annotator")

    def remove_older(self, sample: Job) -> None:
        """Delete every job of the system's account that is older than ``sample``."""
        page = self.table.page(SYSTEM_USER_ID, limit=_OLDER_JOBS, cursor=None, status=None)
        for job in page.jobs:
            # Ids are UUIDv7, so their order is the order of submission.
            if job.job_id < sample.job_id:
                self._remove(job)

    def _account(self) -> Account:
        account = self.accounts.execute(SYSTEM_USER_ID, Register(SYSTEM_USER_ID))
        # Premium before the first job: at no time is there a result that could be archived.
        command = Upgrade("the system's account: nobody pays")
        return self.accounts.execute(SYSTEM_USER_ID, command, known=account)

    def _submit_new(self, account: Account, upload_id: str, bundle: str, file: Path) -> Job:
        key = f"{SYSTEM_USER_ID}/{upload_id}"
        size = file.stat().st_size
        upload = Upload(upload_id, SYSTEM_USER_ID, key, file.name, size)
        self.submission.inputs.put(key, file, "text/plain; charset=utf-8")
        self.uploads.put(upload)
        # The key too: another process may put the row again after ours has become a job.
        return self.submission.submit(account, upload_id, JobOptions(bundle), upload_id)

    def _remove(self, job: Job) -> None:
        try:
            if job.is_unfinished:
                job = self.jobs.execute(job.job_id, Cancel(SYSTEM_USER_ID, _SUPERSEDED))
            self.jobs.execute(job.job_id, Delete(SYSTEM_USER_ID, _SUPERSEDED))
        except IllegalStep as reason:
            # It ended at this very moment: the next deployment removes it.
            logger.info("older sample not removed", job_id=job.job_id, reason=str(reason))
