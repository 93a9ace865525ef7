"""What parent and child say to each other: one JSON object a line on the child's output."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from gas.events import FailureCode

RESULT_VCF = "annotated.vcf.gz"
RESULT_INDEX = "annotated.vcf.gz.tbi"
RESULT_LOG = "count.log"
RESULT_SUMMARY = "summary.json"


class Task(BaseModel):
    """What the child is to do; paths are absolute, ``folder`` receives the results."""

    input: str
    filename: str
    bundle: str
    folder: str
    max_inflated_bytes: int
    max_seconds: int


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


class Done(BaseModel):
    """The results are whole and lie in the folder."""

    kind: Literal["done"] = "done"
    counts: dict[str, int]


Word = Annotated[Tick | Refusal | Done, Field(discriminator="kind")]
WORD: TypeAdapter[Tick | Refusal | Done] = TypeAdapter(Word)
