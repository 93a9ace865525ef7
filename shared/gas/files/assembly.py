"""One object made of many, which S3 copies itself: what is copied, and what a process has to send.

S3 makes an object of at most 10,000 parts of 5 MiB to 5 GiB; only the last may be smaller. So
small neighbours are sent together, with as much of the next piece as makes them large enough, and
the rest of that is copied.
Source: Amazon S3 user guide, "Amazon S3 multipart upload limits".

S3 knows no SHA-256 of such an object. Its tree hash is the SHA-256 of a text that has for each
piece, in order, its size in bytes as 8 bytes, the highest first, and its SHA-256 as 32 bytes. Who
has the sizes can compute it from the object's bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

LEAST_PART_BYTES = 5 << 20
MOST_PART_BYTES = 5 << 30
MOST_PARTS = 10_000
COPIED_BYTES = 1 << 30
"""A copy has at most so many bytes where possible: S3 copies 50 MB a second and more, and answers
within 20 s."""
WHOLE_BYTES = 32 << 20
"""An object of at most so many bytes is sent whole, so that S3 knows its SHA-256."""


class DamagedPiece(Exception):
    """A piece is not what was said of it."""


class Readable(Protocol):
    """A bucket that pieces are in."""

    @property
    def bucket(self) -> str: ...

    def stream(self, key: str) -> Iterator[bytes]:
        """The content of an object in chunks. Raises LookupError if there is none."""


@dataclass(frozen=True, slots=True)
class StoredPiece:
    """An object of a bucket, with the SHA-256 of its bytes as hexadecimal digits."""

    files: Readable
    key: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LocalPiece:
    """A small file of this machine."""

    path: Path
    size_bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> LocalPiece:
        """The file at that path."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(path, path.stat().st_size, digest)


Piece = StoredPiece | LocalPiece


@dataclass(frozen=True, slots=True)
class Run:
    """``size_bytes`` bytes of a piece, from ``first`` on, counted from the piece's beginning."""

    piece: Piece
    first: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Assembled:
    """What was made. ``sha256`` is None where S3 alone had all bytes."""

    size_bytes: int
    sha256: str | None
    tree_sha256: str


def tree_sha256(pieces: Iterable[Piece]) -> str:
    """The tree hash, as hexadecimal digits, of an object that is made of those pieces."""
    tree = hashlib.sha256()
    for piece in pieces:
        tree.update(piece.size_bytes.to_bytes(8, "big") + bytes.fromhex(piece.sha256))
    return tree.hexdigest()


def most_copied(pieces: Sequence[Piece]) -> int:
    """The most bytes of one copy: so few that it is soon answered, but so many that a large object
    of many uneven pieces keeps within S3's limit of parts.
    """
    # A piece has one copy more than there are whole ones in it, at most.
    more = max(1, MOST_PARTS - len(pieces))
    total = sum(piece.size_bytes for piece in pieces)
    return min(MOST_PART_BYTES, max(COPIED_BYTES, -(-total // more)))


def parts_of(
    pieces: Sequence[Piece], least: int = LEAST_PART_BYTES, most: int | None = None
) -> Iterator[list[Run]]:
    """The parts in which an object is made: one run of a stored piece, or several that are sent.

    Those that are sent have less than twice ``least`` bytes, others at most ``most``, by default
    what ``most_copied`` gives.
    """
    most = most or most_copied(pieces)
    pending: list[Run] = []
    for piece in pieces:
        at = 0
        while left := piece.size_bytes - at:
            waiting = sum(run.size_bytes for run in pending)
            if not waiting and left >= least and isinstance(piece, StoredPiece):
                # What is left over is large enough too.
                taken = left if left <= most else min(most, left - least)
                yield [Run(piece, at, taken)]
                at += taken
                continue
            taken = min(left, least - waiting)
            if left - taken < least:  # what is left over would be too small
                taken = left
            pending.append(Run(piece, at, taken))
            at += taken
            if waiting + taken >= least:
                yield pending
                pending = []
    if pending:
        yield pending
