"""What is written down of a file that is cut into parts: by this a part is annotated anywhere.

Below a prefix of a bucket, the *root* of one attempt at a job, lie

- ``plan.json``, a SplitPlan: what all parts share. It is written last, so where it is, all else is;
- ``parts.jsonl``, a PartPlan a line, in the order of the file;
- ``items.json``, the numbers of the parts, for who spreads them;
- ``header.vcf``, the header as it was read;
- ``survey.json`` and ``lines``, only where the whole file was looked at before it was cut;
- ``input.vcf.gz``, only where the upload itself cannot be cut;
- ``parts/000017/TRY/``, what one try at part 17 made. Its ``done.json``, a PartDone, comes last.
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
DONE = "done.json"
MOST_PARTS = 9_900
"""S3 makes one object of at most 10,000; header and ends need some of them."""


class BadPlan(ValueError):
    """What should describe parts does not, or is of another format."""


class _Document(BaseModel):
    """As JSON; of another format all may mean something else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    format: Literal[1] = 1

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

    ``number`` counts parts from 0, ``line`` and ``first_record`` lines and records of the source
    from 1. Bytes ``first_byte`` to ``last_byte``, both included, are whole BGZF blocks, or the very
    text where the source is not packed; so many bytes of the first one's text are of the part
    before (``skip``), and of the text of the block at ``end_byte`` only ``end_skip`` bytes are of
    this part; ``end_byte`` is that of the next part's first block.
    """

    number: int = Field(ge=0)
    first_byte: int = Field(ge=0)
    last_byte: int = Field(ge=0)
    skip: int = Field(ge=0)
    end_byte: int = Field(ge=0)
    end_skip: int = Field(ge=0)
    line: int = Field(ge=1)
    first_record: int = Field(ge=1)
    records: int = Field(ge=0)
    contig: int = Field(ge=0)
    position: int = Field(ge=0)

    @property
    def size_bytes(self) -> int:
        """So many bytes are fetched."""
        return self.last_byte + 1 - self.first_byte

    @property
    def part(self) -> Part:
        """The same for a reader of the bytes that are fetched."""
        place = Place(0, self.skip)
        end = Place(self.end_byte - self.first_byte, self.end_skip)
        return Part(self.number, place, self.line, 0, self.records, self.first_record, end)


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
    ``contigs`` are the names of the source's contigs in their order there, as Latin-1, so that any
    byte can be told; ``line_ends`` are those that were made Unix ones. ``upload_sha256`` and
    ``upload_bytes`` are of what the user sent. If ``is_surveyed``, the records were examined before
    they were cut, and parts are not examined; if it ``has_lines``, those of the upload are others.
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
    contigs: list[str]
    line_ends: list[str] = Field(default_factory=list)
    records: int = Field(ge=0)
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
    ``disproved`` says in what.
    """

    number: int = Field(ge=0)
    try_id: str
    records: int = Field(ge=0)
    outputs: list[Output] = Field(default_factory=list)
    refused: Refused | None = None
    disproved: str | None = None
    seconds: float = Field(ge=0)


def try_prefix(root: str, number: int, try_id: str) -> str:
    """The key below which a try at a part writes. Zeros before, so that keys are in order."""
    return f"{root}/parts/{number:06d}/{try_id}/"
