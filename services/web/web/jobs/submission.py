"""From an allowed upload to a submitted job. One upload becomes one job, however often it is sent.

``job.submitted`` is appended in one transaction with the claim of the upload and of the idempotency
key, so two requests at the same time cannot make two jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gas.domain.account import Account
from gas.domain.job import Job
from gas.domain.job_rules import Submit
from gas.domain.source_url import PORTS, parse
from gas.events import InputFile, Lane, Plan
from gas.eventstore.guards import AccountIsOpen, ClaimKey, ClaimUpload, Guard, GuardFailed
from gas.eventstore.repository import JobRepository
from gas.files.bucket import Files, NoSuchFile
from gas.tables.jobs import JobTable
from gas.tables.uploads import Upload, UploadTable
from web.bundles import BundleList
from web.jobs.bundle_choice import must_be_offered
from web.jobs.idempotency import IdempotencyKey
from web.jobs.storage import UPLOAD_SECONDS, Storage
from web.jobs.upload_problems import (
    must_fit_a_form,
    not_uploaded,
    submitted_otherwise,
    too_large,
)
from web.problems import Problem, closed, not_found
from web.quotas.quotas import JobRoom, Quotas
from web.recent import Recent

# How long the same idempotency key returns the same job.
_KEY_KEPT = timedelta(days=7)
# How long an upload can be submitted; DynamoDB then deletes its row, reconciliation the file.
_UPLOAD_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PromisedUpload:
    """An allowed upload: send ``form`` with the file to S3 until ``expires_at``."""

    upload_id: str
    form: dict[str, Any]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class JobOptions:
    """How to annotate an upload.

    ``bundle`` is a name, which stands for the version that is offered when the job starts, or
    ``NAME@VERSION``; None is the first bundle of the settings.
    """

    bundle: str | None = None
    split_multiallelics: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """Allows uploads and submits jobs.

    ``limits`` are the largest uploads in bytes; files of more than ``large_file_bytes`` go to the
    lane of large files. ``check_terms`` raises Problem (403) for a user who has not accepted them.
    ``fetch_ports`` may be asked for files by address, None for any port.
    """

    jobs: JobRepository
    table: JobTable
    uploads: UploadTable
    inputs: Files
    storage: Storage
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    limits: dict[Plan, int]
    bundles: Callable[[], BundleList]
    large_file_bytes: int
    quotas: Quotas
    check_terms: Callable[[Account], None]
    fetch_ports: frozenset[int] | None = PORTS
    known_inputs: Recent[bool] = field(default_factory=Recent)

    def promise(self, account: Account, filename: str, size_bytes: int) -> PromisedUpload:
        """Allow the user one upload of that size.

        Raises Problem: 403 before the terms are accepted, 413 if the plan or one request allows
        less, 429 with too many open uploads or too much stored.
        """
        self.check_upload(account, size_bytes)
        must_fit_a_form(size_bytes)
        return self._promised(self.new_upload(account, filename, size_bytes))

    def _promised(self, upload: Upload) -> PromisedUpload:
        form = self.storage.upload_form(upload.key, upload.size_bytes)
        until = self.now() + timedelta(seconds=UPLOAD_SECONDS)
        return PromisedUpload(upload.upload_id, form, until)

    def promise_all(
        self, account: Account, files: Sequence[tuple[str, int]]
    ) -> list[PromisedUpload]:
        """Allow an upload for each of those names and sizes in bytes, or none of them.

        Raises Problem as ``promise`` does.
        """
        self._check_size(account.plan, max(size for _, size in files))
        self.quotas.check_uploads(account, len(files))
        self.quotas.check_bytes(account, sum(size for _, size in files))
        must_fit_a_form(max(size for _, size in files))
        uploads = [self.planned_upload(account, name, size) for name, size in files]
        self.uploads.put_new(uploads)
        return [self._promised(upload) for upload in uploads]

    def check_upload(self, account: Account, size_bytes: int) -> None:
        """Raise Problem (413 or 429) unless the user may begin an upload of that size now."""
        self._check_size(account.plan, size_bytes)
        self.quotas.check_uploads(account)
        self.quotas.check_bytes(account, size_bytes)

    def new_upload(self, account: Account, filename: str, size_bytes: int) -> Upload:
        """Make room for a file of that size.

        Raises Problem: 403 before the terms are accepted, 413 if the plan allows less.
        """
        self._check_size(account.plan, size_bytes)
        upload = self.planned_upload(account, filename, size_bytes)
        self.uploads.put(upload)
        return upload

    def planned_upload(
        self, account: Account, filename: str, size_bytes: int, kind: str = ""
    ) -> Upload:
        """A new upload with a key of its own, not stored yet; ``kind`` begins its id.

        All files come in by one, so the terms are checked here. Raises Problem (403).
        """
        self.check_terms(account)
        upload_id = f"{kind}{self.new_id()}"
        return Upload(
            upload_id=upload_id,
            user_id=account.user_id,
            key=f"{account.user_id}/{upload_id}",
            filename=filename,
            size_bytes=size_bytes,
            expires_at=int((self.now() + _UPLOAD_KEPT).timestamp()),
        )

    def submit(
        self, account: Account, upload_id: str, options: JobOptions, idempotency_key: str | None
    ) -> Job:
        """Submit the upload; returns its job, the same one each time.

        Raises Problem: 409 if the upload is missing, expired or incomplete, or if upload or key
        have a job that was submitted otherwise, 400 for an unknown bundle, 429 with too many
        waiting jobs.
        """
        key = IdempotencyKey.of(
            idempotency_key, "submit", upload_id, options.bundle, options.split_multiallelics
        )
        earlier = self.job_of_key(account, key)
        if earlier:
            return earlier
        upload = self.uploads.get(upload_id)
        return self._submit(account, upload, options, key, self.quotas.room_for_jobs)

    def submit_all(
        self, account: Account, upload_ids: Sequence[str], options: JobOptions
    ) -> Iterator[Job | Problem]:
        """Submit the uploads one after the other: of each its job, or what ``submit`` raises.

        The uploads are read and the user's waiting jobs counted once, before the first.
        """
        room = self.quotas.room_for_jobs(account)
        uploads = self.uploads.get_all(upload_ids)
        for upload_id in upload_ids:
            try:
                yield self._submit(account, uploads.get(upload_id), options, None, lambda _: room)
            except Problem as problem:
                yield problem

    def _submit(
        self,
        account: Account,
        upload: Upload | None,
        options: JobOptions,
        key: IdempotencyKey | None,
        room_of: Callable[[Account], JobRoom],
    ) -> Job:
        if upload is None or upload.user_id != account.user_id:
            raise not_uploaded("upload-not-found", "You have no upload with this id.")
        if upload.job_id:
            return self._job_with(account, upload.job_id, options)
        self.check_bundle(options.bundle)
        room = room_of(account)
        room.check()
        job = self.submit_new(account, upload, options, key)
        room.left -= 1
        return job

    def check_bundle(self, bundle: str | None, ran_on: Collection[str] = ()) -> None:
        """Raise Problem (400) for a bundle that users cannot choose; None is the first one.

        A retired version can be chosen only where the job ``ran_on`` it before.
        """
        must_be_offered(bundle, self.bundles(), ran_on)

    def job_of_key(self, account: Account, key: IdempotencyKey | None) -> Job | None:
        """The user's job that was made with that idempotency key; None without key or job.

        Raises Problem (409) if it was made by another request.
        """
        use = self.uploads.use_of_key(account.user_id, key.key) if key else None
        if key is None or use is None:
            return None
        key.check(use)
        return self._job(account, use.job_id)

    def submit_new(
        self,
        account: Account,
        upload: Upload,
        options: JobOptions,
        key: IdempotencyKey | None,
        rerun_of: str | None = None,
    ) -> Job:
        """Submit an upload whose file is stored and that has no job, as far as is known.

        Raises Problem: 409 if the file is missing, 403 if the account was closed a moment ago.
        """
        job_id = self.new_id()
        file = self._input(upload)
        # How large a file is that will be fetched is not known, nor how slow its server.
        is_large = file.size_bytes > self.large_file_bytes or not file.etag
        lane = Lane.LARGE if is_large else Lane.SMALL
        command = Submit(
            job_id,
            account.user_id,
            file,
            self._bundle_of(options),
            account.plan,
            lane,
            options.split_multiallelics,
            rerun_of,
        )
        guards: list[Guard] = [
            AccountIsOpen(account.user_id),
            ClaimUpload(upload.upload_id, job_id),
        ]
        if key:
            expires = int((self.now() + _KEY_KEPT).timestamp())
            guards.append(ClaimKey(account.user_id, key.key, job_id, expires, key.body_sha256))
        try:
            return self.jobs.begin(job_id, command, guards=guards)
        except GuardFailed as failed:
            if isinstance(failed.guard, AccountIsOpen):
                raise closed() from None
            # The upload or key was sent twice at the same time: the other request made the job.
            return self._job_of_other_request(account, upload, options, key)

    def _job(self, account: Account, job_id: str) -> Job:
        job = self.table.get(account.user_id, job_id)
        if job is None:
            raise not_found()
        return job

    def _job_with(self, account: Account, job_id: str, options: JobOptions) -> Job:
        """The job of an upload. Raises Problem (409) if it was submitted with other options."""
        job = self._job(account, job_id)
        wished = (self._bundle_of(options), options.split_multiallelics)
        if wished != (job.bundle, job.split_multiallelics):
            raise submitted_otherwise(job)
        return job

    def _bundle_of(self, options: JobOptions) -> str:
        return options.bundle or self.bundles().default

    def _job_of_other_request(
        self, account: Account, upload: Upload, options: JobOptions, key: IdempotencyKey | None
    ) -> Job:
        earlier = self.job_of_key(account, key)
        if earlier:
            return earlier
        current = self.uploads.get(upload.upload_id)
        if current and current.job_id:
            return self._job_with(account, current.job_id, options)
        raise not_uploaded("upload-expired", "The upload has expired. Upload the file again.")

    def _input(self, upload: Upload) -> InputFile:
        if upload.source_url:
            return InputFile(
                bucket=self.inputs.bucket,
                key=upload.key,
                size_bytes=upload.size_bytes,
                etag="",
                filename=upload.filename,
                fetched_from=parse(upload.source_url, self.fetch_ports).host,
            )
        try:
            info = self.inputs.info(upload.key)
        except NoSuchFile:
            raise not_uploaded(
                "upload-not-finished", "The upload of the file is not complete. Upload it first."
            ) from None
        return InputFile(
            bucket=self.inputs.bucket,
            key=upload.key,
            size_bytes=info.size_bytes,
            etag=info.etag.strip('"'),
            filename=upload.filename,
            version_id=info.version_id,
        )

    def _check_size(self, plan: Plan, size_bytes: int) -> None:
        limit = self.limits[plan]
        if size_bytes > limit:
            raise too_large(plan, size_bytes, self.limits)
