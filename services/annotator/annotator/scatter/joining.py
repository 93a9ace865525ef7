"""Makes one result of the parts of a plan, copying what they made within the bucket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from annotator.scatter.workplace import Workplace


class Disproved(Exception):
    """What the plan supposed of the file is not so: it is to be split again, ``carefully``."""


class PartsMissing(Exception):
    """Not all parts are done; ``numbers`` has the first of those that are not."""

    def __init__(self, numbers: list[int]) -> None:
        super().__init__(f"parts are not done: {numbers[:5]}")
        self.numbers = numbers


@dataclass(frozen=True, slots=True)
class JoinedFile:
    """A file of the result. ``name`` is one of ``protocol.RESULTS``.

    ``sha256`` is of the whole, None where only S3 had all bytes; ``tree_sha256`` is the hash over
    the SHA-256 of its parts then (see ``gas.files.assembly``).
    """

    name: str
    key: str
    size_bytes: int
    sha256: str | None
    tree_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """A whole result: its files, and the counts that a job shows."""

    files: list[JoinedFile]
    counts: dict[str, int]


def missing(root: str, place: Workplace) -> list[int]:
    """The numbers of the parts of the plan below ``root`` that have no ``done.json`` yet."""
    raise NotImplementedError


def join(
    root: str,
    place: Workplace,
    key_of: Callable[[str], str],
    metadata: Mapping[str, str],
) -> Joined:
    """Make the result's files; ``key_of`` gives the key in ``results`` of each of RESULTS.

    Of several tries at a part the first by key counts. Raises Rejected with the first refusal in
    the order of the file, Disproved, PartsMissing, NoSuchFile.
    """
    raise NotImplementedError
