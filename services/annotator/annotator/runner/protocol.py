"""What parent and child say to each other: one JSON object a line on the child's output."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, Field, TypeAdapter

from gas.events import FailureCode

RESULT_VCF = "annotated.vcf.gz"
RESULT_INDEX = "annotated.vcf.gz.csi"
RESULT_TSV = "annotated.tsv.gz"
RESULT_VARIANTS = "variants.parquet"
RESULT_PROVENANCE = "provenance.json"
RESULT_LOG = "count.log"
RESULT_SUMMARY = "summary.json"
RESULTS = (
    RESULT_VCF,
    RESULT_INDEX,
    RESULT_TSV,
    RESULT_VARIANTS,
    RESULT_LOG,
    RESULT_SUMMARY,
    RESULT_PROVENANCE,
)
CONTENT_TYPES = {
    RESULT_VCF: "application/gzip",
    RESULT_INDEX: "application/octet-stream",
    RESULT_TSV: "application/gzip",
    RESULT_VARIANTS: "application/vnd.apache.parquet",
    RESULT_LOG: "text/plain; charset=utf-8",
    RESULT_SUMMARY: "application/json",
    RESULT_PROVENANCE: "application/json",
}


class Wishes(BaseModel):
    """An upload and what is wished of it; paths are absolute, ``folder`` is where files go.

    ``bundle`` is the name of a folder in ``bundles``, the embedded ones if None. ``workers``
    processes may work at once, on slices of at least ``smallest_slice`` bytes when it is surveyed.
    ``split_multiallelics`` gives every alternate allele a record of its own. A task may need an
    engine of consequences.
    """

    needs_engine: ClassVar[bool] = True

    input: str
    filename: str
    bundle: str
    bundles: str | None = None
    split_multiallelics: bool = False
    transcripts: Literal["all", "mane", "picked"] = "all"
    folder: str
    max_inflated_bytes: int
    max_seconds: int
    workers: int = Field(1, ge=1)
    smallest_slice: int = Field(4 << 20, ge=1)


class Task(Wishes):
    """What the child is to do: annotate a file; ``folder`` receives the results.

    Parts of at least ``smallest_part`` records each may be annotated at once.
    """

    kind: Literal["whole"] = "whole"
    smallest_part: int = Field(100_000, ge=1)


class Tick(BaseModel):
    """How far the child is."""

    kind: Literal["tick"] = "tick"
    fraction: float
    variants: int


class Refusal(BaseModel):
    """The input is at fault."""

    kind: Literal["refusal"] = "refusal"
    code: FailureCode
    message: str
    line: int | None = None


class NotAsPlanned(BaseModel):
    """The plan supposes of the file what is not so."""

    kind: Literal["not as planned"] = "not as planned"
    message: str


class Unusable(BaseModel):
    """The bundle is at fault, or this machine: the message says what to do."""

    kind: Literal["unusable"] = "unusable"
    message: str


class Done(BaseModel):
    """The results are whole and lie in the folder."""

    kind: Literal["done"] = "done"
    counts: dict[str, int]


Word = Annotated[Tick | Refusal | NotAsPlanned | Unusable | Done, Field(discriminator="kind")]
WORD: TypeAdapter[Tick | Refusal | NotAsPlanned | Unusable | Done] = TypeAdapter(Word)
