"""What the child is to do with a file that is cut into parts, and what it found out about one."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, Field, TypeAdapter

from annotator.runner import protocol
from annotator.scatter.plan import PartPlan, SplitPlan

SCANNED = "scanned.json"
RECORDS, LINES = "records", "lines"
"""Counts that a part gives; lines are counted where the plan is not."""


class StreamTold(BaseModel):
    """How many bytes a stream has, and its last ones as hexadecimal digits."""

    size_bytes: int = Field(ge=1)
    tail: str


class SplitTask(protocol.Wishes):
    """Find where a file can be cut; ``folder`` receives what a plan is made of, and ``SCANNED``.

    A file that is looked at carefully is examined whole before it is cut. If ``input`` is a pipe,
    ``stream`` says what comes through it.
    """

    needs_engine: ClassVar[bool] = False

    kind: Literal["split"] = "split"
    is_careful: bool = False
    part_bytes: int = Field(ge=1)
    part_records: int | None = Field(None, ge=1)
    stream: StreamTold | None = None


class Scanned(BaseModel):
    """What the child found out about a file that is to be cut; see ``scatter.plan.SplitPlan``.

    ``source`` is the file in the folder that parts are cut of, None if it is the input itself.
    """

    source: str | None
    is_bgzf: bool
    is_surveyed: bool
    is_counted: bool
    contigs: list[str]
    line_ends: list[str]
    records: int | None
    first_line: int
    parts: int
    commands: list[str]
    remarks: list[str]


class PartTask(protocol.Wishes):
    """Annotate a part, whose bytes are ``input``; ``folder`` receives its outputs.

    ``header`` is a file with the text of the header; ``lines`` one with the lines that its records
    had in the upload, if they were others. The ``contigs`` are known where the plan is counted.
    """

    kind: Literal["part"] = "part"
    header: str
    lines: str | None = None
    is_counted: bool
    contigs: list[str]
    is_surveyed: bool
    part: PartPlan
    smallest_part: int = Field(100_000, ge=1)


class JoinTask(protocol.Wishes):
    """Make of what all parts told the reports, headers, index and footer of the whole.

    ``input`` is a file with the text of the header; the parts' files lie in ``folder``, named by
    their numbers (``scatter.merging``).
    """

    needs_engine: ClassVar[bool] = False

    kind: Literal["join"] = "join"
    plan: SplitPlan


AnyTask = Annotated[protocol.Task | SplitTask | PartTask | JoinTask, Field(discriminator="kind")]
ANY_TASK: TypeAdapter[protocol.Task | SplitTask | PartTask | JoinTask] = TypeAdapter(AnyTask)
