"""What is written down of a file that is cut into parts: by this a part is annotated anywhere.

Below a prefix of a bucket, the *root* of one attempt at a job, lie

- ``plan.json``, a SplitPlan: what all parts share. It is written last, so where it is, all else is;
- ``parts.jsonl``, a PartPlan a line, in the order of the file;
- ``items.json``, the numbers of the parts, for who spreads them;
- ``header.vcf``, the header as it was read;
- ``survey.json`` and ``lines``, only where the whole file was looked at before it was cut;
- ``input.vcf.gz``, only where the upload itself cannot be cut;
- ``parts/000017/TRY/``, what one try at part 17 made. Its ``done.json``, a PartDone, comes last;
- ``refused/000017``, if part 17 was refused: parts behind it need not be begun.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from annotator.vcf.blocks import Place
from annotator.vcf.part_reader import Part
from gas.events import FailureCode

PLAN, PARTS, ITEMS = "plan.json", "parts.jsonl", "items.json"
HEADER, SURVEY = "header.vcf", "survey.json"
IDENTIFIERS, LINES, PREPARED = "survey.npz", "lines", "input.vcf.gz"
DONE, REFUSED = "done.json", "refused"
MOST_PARTS = 9_900
"""S3 makes one object of at most 10,000; header and ends need some of them."""


class BadPlan(ValueError):
    """What should describe parts does not, or is of another format."""


class _Document(BaseModel):
    """As JSON; of another format all may mean something else.

    In format 1 every plan was counted; such plans may lie in a bucket still.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    format: Literal[1, 2] = 2

    @classmethod
    def read(cls, text: str | bytes) -> Self:
        """The document that ``model_dump_json`` wrote. Raises BadPlan."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or "the description"
            raise BadPlan(f"{field}: {first['msg']}") from None


class PartPlan(_Document):
    """A run of records, and the bytes of the source that hold them.

    ``number`` counts parts from 0. Lines and records of the source count from 1: ``line``,
    ``first_record`` and ``records`` are None where the plan is not counted. ``contig`` is the place
    of the first record's contig among those that were seen, and ``position`` its POS.

    Bytes ``first_byte`` to ``last_byte``, both included, are whole BGZF blocks, or the very text
    where the source is not packed; so many bytes of the first one's text are of the part before
    (``skip``), and of the text of the block at ``end_byte`` only ``end_skip`` bytes are of this
    part; ``end_byte`` is that of the next part's first block.
    """

    number: int = Field(ge=0)
    first_byte: int = Field(ge=0)
    last_byte: int = Field(ge=0)
    skip: int = Field(ge=0)
    end_byte: int = Field(ge=0)
    end_skip: int = Field(ge=0)
    line: int | None = Field(None, ge=1)
    first_record: int | None = Field(None, ge=1)
    records: int | None = Field(None, ge=0)
    contig: int = Field(ge=0)
    position: int = Field(ge=0)

    @property
    def size_bytes(self) -> int:
        """So many bytes are fetched."""
        return self.last_byte + 1 - self.first_byte

    @property
    def place(self) -> Place:
        """Where its text begins in the bytes that are fetched."""
        return Place(0, self.skip)

    @property
    def end(self) -> Place:
        """Where its text ends there."""
        return Place(self.end_byte - self.first_byte, self.end_skip)

    def part_of(self, records: int) -> Part:
        """The same for a reader of the bytes that are fetched; it has so many records."""
        line, first_record = self.line or 1, self.first_record or 1
        return Part(self.number, self.place, line, 0, records, first_record, self.end)


class Source(_Document):
    """The object whose bytes the parts are of, as it was when it was cut; ``etag`` has no quotes.

    ``is_upload`` says in which bucket: that of uploads, or that of plans.
    """

    is_upload: bool
    key: str
    size_bytes: int = Field(ge=1)
    etag: str
    version_id: str | None = None
    is_bgzf: bool


class SplitPlan(_Document):
    """What all parts of a file share.

    ``bundle`` is its name with its version, ``engine`` the version of the engine that annotates.
    ``line_ends`` are those that were made Unix ones. ``upload_sha256`` and ``upload_bytes`` are of
    what the user sent. If ``is_surveyed``, the records were examined before they were cut, and
    parts are not examined; if it ``has_lines``, those of the upload are others.

    If it ``is_counted``, parts know the numbers of their lines and records, ``records`` is how many
    there are, and ``contigs`` are the names of the source's contigs in their order there, as
    Latin-1, so that any byte can be told. If not, parts count by themselves, and the join adds up;
    the first of them begins in ``first_line``.
    """

    bundle: str
    engine: str
    filename: str
    transcripts: Literal["all", "mane", "picked"] = "all"
    split_multiallelics: bool = False
    max_inflated_bytes: int = Field(ge=1)
    source: Source
    upload_sha256: str
    upload_bytes: int = Field(ge=1)
    is_counted: bool = True
    contigs: list[str]
    line_ends: list[str] = Field(default_factory=list)
    records: int | None = Field(None, ge=0)
    first_line: int = Field(1, ge=1)
    parts: int = Field(ge=0, le=MOST_PARTS)
    is_surveyed: bool
    has_lines: bool
    commands: list[str] = Field(default_factory=list)
    remarks: list[str] = Field(default_factory=list)
    began_at: datetime


class Output(_Document):
    """A file that a try made: its name below the try's key."""

    name: str
    size_bytes: int = Field(ge=0)
    sha256: str


class Refused(_Document):
    """Why the file cannot be annotated: as a task that had the whole file would tell its user."""

    code: FailureCode
    message: str
    line: int | None = None


class PartDone(_Document):
    """How a try at a part ended, and how long it took.

    It made outputs, or its records were refused, or the file is not what the plan supposes:
    ``disproved`` says in what. Where the plan is not counted, ``lines`` is how many lines it has,
    and that of its refusal counts from its own first one.
    """

    number: int = Field(ge=0)
    try_id: str
    records: int = Field(ge=0)
    lines: int = Field(0, ge=0)
    outputs: list[Output] = Field(default_factory=list)
    refused: Refused | None = None
    disproved: str | None = None
    seconds: float = Field(ge=0)


def try_prefix(root: str, number: int, try_id: str) -> str:
    """The key below which a try at a part writes. Zeros before, so that keys are in order."""
    return f"{root}/parts/{number:06d}/{try_id}/"
