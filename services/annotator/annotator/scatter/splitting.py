"""Cuts an upload into parts, and writes down where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from annotator.scatter.plan import SplitPlan
from annotator.scatter.workplace import Workplace
from gas.files.bucket import Pin


@dataclass(frozen=True, slots=True)
class Asked:
    """An upload, what its user wishes, and how large parts are to be.

    A part has about so many bytes of the source, more where the file cannot be cut. A file that is
    looked at ``carefully`` is examined whole before it is cut.
    """

    key: str
    pin: Pin
    size_bytes: int
    filename: str
    part_bytes: int
    max_inflated_bytes: int
    transcripts: Literal["all", "mane", "picked"] = "all"
    split_multiallelics: bool = False
    carefully: bool = False


def split(asked: Asked, root: str, place: Workplace) -> SplitPlan:
    """Cut an upload, and write plan and parts below ``root``; a plan that is there is given back.

    Raises Rejected with what a task that has the whole file would say, NoSuchFile, FileChanged,
    EngineFailed, Stopped.
    """
    raise NotImplementedError
