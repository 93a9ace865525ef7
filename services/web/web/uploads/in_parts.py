"""Uploads in parts: begun, signed, listed, completed and given up by their owner.

The parts go to S3 directly, and what S3 lists is the only truth about them. An upload that nobody
completes is dropped after a day, by reconciliation and by the bucket's own rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gas.domain.account import Account
from gas.files.bucket import Files, NoSuchFile
from gas.files.part_uploads import NoSuchUpload, PartUploads, StoredPart
from gas.tables.uploads import Upload
from web.jobs.storage import Storage
from web.jobs.submission import Submission
from web.problems import Problem, invalid_field
from web.uploads.part_plan import part_bytes_for, part_count, part_size

_MOST_NAMED = 100
"""Of missing parts an answer names so many."""


@dataclass(frozen=True, slots=True)
class SignedPart:
    """An address to which that part, of exactly ``size_bytes``, can be PUT."""

    number: int
    size_bytes: int
    url: str


@dataclass(frozen=True, slots=True)
class UploadsInParts:
    """The users' uploads in parts. Every method finds only the account's own uploads."""

    submission: Submission
    parts: PartUploads
    inputs: Files
    storage: Storage

    def begin(self, account: Account, filename: str, size_bytes: int) -> Upload:
        """Allow one upload of exactly that size, of at least a byte.

        Raises Problem: 403 before the terms are accepted, 413 if the plan allows less, 429 with too
        many open uploads or too much stored.
        """
        self.submission.check_upload(account, size_bytes)
        planned = self.submission.planned_upload(account, filename, size_bytes)
        # In this order a crash in between leaves what the sweep knows: an upload without parts.
        bucket_id = self.parts.begin(planned.key)
        upload = replace(planned, parts_id=bucket_id, part_bytes=part_bytes_for(size_bytes))
        self.submission.uploads.put(upload)
        return upload

    def sign(self, account: Account, upload_id: str, numbers: Sequence[int]) -> list[SignedPart]:
        """Addresses for those parts. Raises Problem: 400 for a number that the upload has not."""
        upload = self.find(account, upload_id)
        count = part_count(upload)
        if any(not 1 <= number <= count for number in numbers):
            raise invalid_field(
                "part_numbers", f"must be from 1 to {count}: so many parts this file has", 400
            )
        key, bucket_id = upload.key, _bucket_id(upload)
        sizes = {number: part_size(upload, number) for number in dict.fromkeys(numbers)}
        return [
            SignedPart(number, size, self.storage.part_url(key, bucket_id, number, size))
            for number, size in sizes.items()
        ]

    def stored(self, upload: Upload) -> list[StoredPart]:
        """The parts of the upload that arrived whole, by number; all of them once it is complete.

        Raises Problem (409) if the storage has dropped the upload.
        """
        try:
            return _whole(upload, self.parts.parts(upload.key, _bucket_id(upload)))
        except NoSuchUpload:
            self._must_be_complete(upload)
            numbers = range(1, part_count(upload) + 1)
            return [StoredPart(number, part_size(upload, number), "") for number in numbers]

    def complete(self, account: Account, upload_id: str) -> Upload:
        """Make the parts one file, which can be submitted then; once more changes nothing.

        Raises Problem (409) if parts are missing, or the storage has dropped the upload.
        """
        upload = self.find(account, upload_id)
        key, bucket_id = upload.key, _bucket_id(upload)
        try:
            whole = _whole(upload, self.parts.parts(key, bucket_id))
            _check_all(upload, whole)
            self.parts.complete(key, bucket_id, whole)
        except NoSuchUpload:
            # An earlier request has completed it, whose answer was lost.
            self._must_be_complete(upload)
        return upload

    def give_up(self, account: Account, upload_id: str) -> None:
        """Drop an upload, in parts or not, so that it can never become a job.

        Reconciliation deletes the file of one that was complete. Raises Problem (409) if it has a
        job.
        """
        upload = self.submission.uploads.get(upload_id)
        if upload is None or upload.user_id != account.user_id:
            return
        # The row first: without it nobody gets another address, and no job can be made.
        if upload.job_id or not self.submission.uploads.discard(upload_id):
            raise _has_job(upload)
        if upload.parts_id:
            self.parts.abort(upload.key, upload.parts_id)

    def find(self, account: Account, upload_id: str) -> Upload:
        """The account's upload in parts. Raises Problem: 404, or 409 if it is not sent in parts."""
        upload = self.submission.uploads.get(upload_id)
        if upload is None or upload.user_id != account.user_id:
            raise Problem(
                404,
                "upload-not-found",
                "Not found",
                "You have no upload with this id. One that is not submitted ends after a day: begin"
                " again.",
            )
        if upload.parts_id is None:
            raise Problem(
                409,
                "upload-not-in-parts",
                "The upload has no parts",
                "This upload is sent with the form of POST /api/v1/uploads, in one request.",
            )
        return upload

    def _must_be_complete(self, upload: Upload) -> None:
        try:
            is_complete = self.inputs.info(upload.key).size_bytes == upload.size_bytes
        except NoSuchFile:
            is_complete = False
        if not is_complete:
            raise Problem(
                409,
                "upload-gone",
                "The upload has ended",
                "Its parts are not kept any more: they are for a day. Begin the upload again.",
            )


def _bucket_id(upload: Upload) -> str:
    assert upload.parts_id, "`find` returns only such"
    return upload.parts_id


def _whole(upload: Upload, parts: Sequence[StoredPart]) -> list[StoredPart]:
    """Those that belong to the file and have the size that they must have."""
    count = part_count(upload)
    return [
        part
        for part in parts
        if part.number <= count and part.size_bytes == part_size(upload, part.number)
    ]


def _check_all(upload: Upload, whole: Sequence[StoredPart]) -> None:
    """With each part of its size, the sum is the size that was announced."""
    there = {part.number for part in whole}
    missing = [number for number in range(1, part_count(upload) + 1) if number not in there]
    if missing:
        raise Problem(
            409,
            "upload-incomplete",
            "Parts are missing",
            f"{len(missing):,} of {part_count(upload):,} parts are not there or have another size."
            " Send them, then complete the upload.",
            missing=missing[:_MOST_NAMED],
            missing_count=len(missing),
        )


def _has_job(upload: Upload) -> Problem:
    job = f" {upload.job_id}" if upload.job_id else ""
    return Problem(
        409,
        "upload-already-submitted",
        "The upload was submitted before",
        f"It became job{job}. To remove the file, cancel the job and delete it.",
        job_id=upload.job_id,
    )
