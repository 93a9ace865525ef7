"""Events of an annotation job, from submission to cold storage and back."""

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from gas.events.bodies import EventBody, Fact, Plan, Tier


class FailureCode(StrEnum):
    """Why a job failed. The API promises these values."""

    NOT_VCF = "not_vcf"
    DAMAGED_FILE = "damaged_file"
    INVALID_VCF = "invalid_vcf"
    WRONG_BUILD = "wrong_build"
    LIMIT_EXCEEDED = "limit_exceeded"
    INPUT_CHANGED = "input_changed"
    FETCH_FAILED = "fetch_failed"
    CANCELLED = "cancelled"
    INTERNAL = "internal"


class ResultKind(StrEnum):
    """The kinds of result files; only ``vcf`` is ever moved to cold storage."""

    VCF = "vcf"
    INDEX = "index"
    LOG = "log"
    SUMMARY = "summary"
    TABLE = "table"
    VARIANTS = "variants"
    PROVENANCE = "provenance"


class Lane(StrEnum):
    """The queue that a job waits in: small files must not wait behind whole genomes."""

    SMALL = "small"
    LARGE = "large"


class InputFile(Fact):
    """The user's upload as stored in S3. ``filename`` is the user's own name for it.

    ``etag`` and ``version_id`` pin the very content that was submitted; events of before buckets
    kept versions have no ``version_id``. ``fetched_from`` is the host of a file that GAS fetches
    itself: until it has, ``etag`` is empty, and ``size_bytes`` the most that it
    may have. The address may hold secrets, and is in no event.
    """

    bucket: str
    key: str
    size_bytes: int = Field(ge=0)
    etag: str
    filename: str
    version_id: str | None = None
    fetched_from: str | None = None


class ResultFile(Fact):
    """One result file in S3. Its key is never reused, so a late delete cannot hit a new file."""

    kind: ResultKind
    key: str
    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class ArchiveCopy(Fact):
    """One complete copy in cold storage; only its store can interpret ``archive_id``."""

    store: Literal["s3", "vault"]
    archive_id: str = Field(min_length=1)
    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class JobBody(EventBody):
    """The body of an event of the stream ``job/<job_id>``."""

    job_id: str

    @property
    def stream(self) -> str:
        return f"job/{self.job_id}"


class JobSubmitted(JobBody):
    """The user submitted an uploaded file for annotation.

    ``rerun_of`` is the job whose input was copied for this one, where the user ran a job again.
    """

    TYPE: ClassVar[str] = "gas.job.submitted.v1"

    input: InputFile
    bundle: str
    plan: Plan
    lane: Lane = Lane.SMALL
    split_multiallelics: bool = False
    rerun_of: str | None = None


class JobInputFetched(JobBody):
    """The file that the user gave the address of is stored; ``input`` is what it is now."""

    TYPE: ClassVar[str] = "gas.job.input_fetched.v1"

    input: InputFile


class JobStarted(JobBody):
    """An annotator started an attempt. Another attempt follows if its process dies."""

    TYPE: ClassVar[str] = "gas.job.started.v1"

    attempt: int = Field(ge=1)
    engine: str
    bundle_version: str


class JobSplit(JobBody):
    """The attempt's file is cut into ``parts`` that are annotated one by one, each by any task.

    ``plan_key`` is where the plan of all parts is, in the bucket of parts. An attempt that follows
    a lost one has the same plan, so what is done is not done again.
    """

    TYPE: ClassVar[str] = "gas.job.split.v1"

    attempt: int = Field(ge=1)
    parts: int = Field(ge=1)
    plan_key: str = Field(min_length=1)


class JobCompleted(JobBody):
    """All result files are stored. ``archive_after`` is set for users on the Free plan."""

    TYPE: ClassVar[str] = "gas.job.completed.v1"

    results: tuple[ResultFile, ...]
    counts: dict[str, int]
    summary_key: str
    seconds: float = Field(ge=0)
    archive_after: AwareDatetime | None = None


class JobFailed(JobBody):
    """The job ended without a result. ``message`` is for the user; ``line`` counts from 1.

    ``by`` is the operator who ended it, and ``reason`` why; none where a service did.
    """

    TYPE: ClassVar[str] = "gas.job.failed.v1"

    code: FailureCode
    message: str
    line: int | None = None
    by: str | None = None
    reason: str | None = None


class JobArchived(JobBody):
    """The annotated VCF is in cold storage. ``keys_freed`` are its S3 keys, no longer needed."""

    TYPE: ClassVar[str] = "gas.job.archived.v1"

    archive: ArchiveCopy
    keys_freed: tuple[str, ...]


class JobRestoreRequested(JobBody):
    """The result was requested from cold storage, and is expected by ``expected_by``.

    ``retrieval`` is the id of the request, where the store gives one. If a request fails, another
    such event follows.
    """

    TYPE: ClassVar[str] = "gas.job.restore_requested.v1"

    tier: Tier
    expected_by: AwareDatetime
    retrieval: str | None = None


class JobRestored(JobBody):
    """The result is available again. ``archive_freed`` is the cold copy, no longer needed."""

    TYPE: ClassVar[str] = "gas.job.restored.v1"

    results: tuple[ResultFile, ...]
    archive_freed: str


class JobCancelled(JobBody):
    """The user cancelled the job before it finished."""

    TYPE: ClassVar[str] = "gas.job.cancelled.v1"

    by: str
    reason: str


class JobReopened(JobBody):
    """An operator sent the job back to be tried again: it had failed for an internal reason, or was
    stuck.
    """

    TYPE: ClassVar[str] = "gas.job.reopened.v1"

    by: str
    reason: str


class JobDeletionRequested(JobBody):
    """The user deleted a job that has ended. Until ``due`` the user can undo it."""

    TYPE: ClassVar[str] = "gas.job.deletion_requested.v1"

    by: str
    reason: str
    due: AwareDatetime


class JobDeletionWithdrawn(JobBody):
    """The user took the deletion back before it happened."""

    TYPE: ClassVar[str] = "gas.job.deletion_withdrawn.v1"

    by: str
    reason: str


class JobDeleted(JobBody):
    """The job is deleted for good; its files are deleted after this event."""

    TYPE: ClassVar[str] = "gas.job.deleted.v1"

    by: str
    reason: str
