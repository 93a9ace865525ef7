"""The port of cold storage, and what may go wrong there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gas.events import ArchiveCopy, ResultFile, Tier


class DamagedCopy(Exception):
    """A copy does not equal its source; it was removed, the source is untouched."""


class StillCold(Exception):
    """The copy was asked for but is not readable yet."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Cold storage says that a copy can be read again."""

    job_id: str
    archive_id: str


@dataclass(frozen=True, slots=True)
class Promise:
    """Cold storage was asked: with which tier, and when it answers at the latest."""

    tier: Tier
    expected_by: datetime


class ArchiveStore(Protocol):
    """Copies of warm results in cold storage.

    Every ``put`` makes a new archive id: deleting one copy never touches another.
    """

    def put(self, user_id: str, job_id: str, warm: ResultFile) -> ArchiveCopy:
        """Make a complete copy of a warm result and check it. Raises DamagedCopy."""

    def request_restore(self, job_id: str, copy: ArchiveCopy) -> Promise:
        """Ask for the copy, at the fastest tier to be had; asking again is harmless."""

    def parse_notice(self, body: str) -> list[Notice]:
        """The restores that a message of the store announces; empty for one of another kind.

        Raises InvalidEvent for a message that the store cannot have sent.
        """

    def fetch(self, copy: ArchiveCopy, to: ResultFile) -> None:
        """Bring the copy back as the warm file ``to`` and check it.

        Raises StillCold, or DamagedCopy if what came back is not what was put.
        """

    def delete(self, archive_id: str) -> None:
        """Free the copy; harmless when repeated."""
