"""The facts of an annotation job, from submission to cold storage and back."""

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from gas.events.bodies import EventBody, Fact, Plan, Tier


class FailureCode(StrEnum):
    """Why a job failed; stable, promised to users of the API."""

    NOT_VCF = "not_vcf"
    DAMAGED_FILE = "damaged_file"
    INVALID_VCF = "invalid_vcf"
    WRONG_BUILD = "wrong_build"
    LIMIT_EXCEEDED = "limit_exceeded"
    CANCELLED = "cancelled"
    INTERNAL = "internal"


class ResultKind(StrEnum):
    """The files that a completed job leaves; only ``VCF`` is ever moved to cold storage."""

    VCF = "vcf"
    INDEX = "index"
    LOG = "log"
    SUMMARY = "summary"
    TABLE = "table"
    PROVENANCE = "provenance"


class Lane(StrEnum):
    """Which queue a job waits in: small files do not wait behind whole genomes."""

    SMALL = "small"
    LARGE = "large"


class InputFile(Fact):
    """The user's upload as it lies in S3. ``filename`` is the user's own name for it."""

    bucket: str
    key: str
    size_bytes: int = Field(ge=0)
    etag: str
    filename: str


class ResultFile(Fact):
    """One result in S3; its key is never used twice, so a late delete cannot hit a new file."""

    kind: ResultKind
    key: str
    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class ArchiveCopy(Fact):
    """One complete copy in cold storage; ``archive_id`` means something to its store alone."""

    store: Literal["s3", "vault"]
    archive_id: str = Field(min_length=1)
    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class JobBody(EventBody):
    """A body of the stream ``job/<job_id>``."""

    job_id: str

    @property
    def stream(self) -> str:
        return f"job/{self.job_id}"


class JobSubmitted(JobBody):
    """The user asked for an annotation of an uploaded file."""

    TYPE: ClassVar[str] = "gas.job.submitted.v1"

    input: InputFile
    bundle: str
    plan: Plan
    lane: Lane = Lane.SMALL
    split_multiallelics: bool = False


class JobStarted(JobBody):
    """An annotator began an attempt; a later attempt begins when an earlier one was lost."""

    TYPE: ClassVar[str] = "gas.job.started.v1"

    attempt: int = Field(ge=1)
    engine: str
    bundle_version: str


class JobCompleted(JobBody):
    """The result is whole and stored. ``archive_after`` is set for users on the Free plan."""

    TYPE: ClassVar[str] = "gas.job.completed.v1"

    results: tuple[ResultFile, ...]
    counts: dict[str, int]
    summary_key: str
    seconds: float = Field(ge=0)
    archive_after: AwareDatetime | None = None


class JobFailed(JobBody):
    """The job ended without a result. ``message`` is for the user; ``line`` counts from 1."""

    TYPE: ClassVar[str] = "gas.job.failed.v1"

    code: FailureCode
    message: str
    line: int | None = None


class JobArchived(JobBody):
    """The annotated VCF now lies in cold storage; ``keys_freed`` are its warm keys."""

    TYPE: ClassVar[str] = "gas.job.archived.v1"

    archive: ArchiveCopy
    keys_freed: tuple[str, ...]


class JobRestoreRequested(JobBody):
    """Cold storage was asked to give the result back, and promised it by ``expected_by``.

    ``retrieval`` is the id that the store gave this request, where it gives one. A second such
    event follows where the first request came to nothing.
    """

    TYPE: ClassVar[str] = "gas.job.restore_requested.v1"

    tier: Tier
    expected_by: AwareDatetime
    retrieval: str | None = None


class JobRestored(JobBody):
    """The result is at hand again; ``archive_freed`` names the cold copy no longer needed."""

    TYPE: ClassVar[str] = "gas.job.restored.v1"

    results: tuple[ResultFile, ...]
    archive_freed: str


class JobCancelled(JobBody):
    """The user called the job off before it finished."""

    TYPE: ClassVar[str] = "gas.job.cancelled.v1"

    by: str
    reason: str


class JobReopened(JobBody):
    """An operator mended what had made the job fail on our side: it is to be tried again."""

    TYPE: ClassVar[str] = "gas.job.reopened.v1"

    by: str
    reason: str


class JobDeleted(JobBody):
    """The user removed a finished job; its files are freed afterwards."""

    TYPE: ClassVar[str] = "gas.job.deleted.v1"

    by: str
    reason: str
