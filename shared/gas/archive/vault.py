"""Cold storage as vaults of the original Glacier API, for accounts that already have one.

A vault gives every archive an id of its own and every retrieval another; a retrieval is billed each
time it is asked for and cannot be called back. So asking is claimed first: who comes after a
process that died at it looks in the vault's own list before asking again.
Facts: Amazon S3 Glacier developer guide, "Retrieving an archive", "Downloading a vault inventory".
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import structlog

from gas.archive.store import (
    LONGEST_WAIT,
    CopyReference,
    DamagedCopy,
    Notice,
    Readiness,
    RestorePromise,
    RestoreRequestPending,
    StillCold,
    StoredCopy,
)
from gas.events import ArchiveCopy, InvalidEvent, ResultFile, Tier
from gas.files.bucket import Files
from gas.messaging.effect_claims import Claim, EffectClaims

logger = structlog.get_logger()
_MOST_RETRIEVALS = 100


class NoCapacity(Exception):
    """The vault has no capacity for an expedited retrieval just now."""


@dataclass(frozen=True, slots=True)
class Label:
    """What travels with an archive and its retrievals as JSON: whose they are."""

    user_id: str
    job_id: str
    archive_id: str = ""

    def text(self) -> str:
        """The label as Glacier takes it: printable ASCII."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Retrieval:
    """One retrieval as the vault lists it."""

    id: str
    archive_id: str
    readiness: Readiness
    tier: Tier


@dataclass(frozen=True, slots=True)
class Listed:
    """One archive of the vault's inventory."""

    archive_id: str
    description: str
    created_at: datetime


class Vault(Protocol):
    """One vault: the calls of the Glacier API that we need, and no more."""

    def upload(self, path: Path, description: str) -> str:
        """Store the file whole, its tree hash checked; gives the archive id."""

    def initiate(self, archive_id: str, description: str, tier: Tier) -> str:
        """Ask, and pay, for a retrieval; gives its id. Raises NoCapacity."""

    def retrieval(self, retrieval: str) -> Retrieval | None:
        """What became of it; None where the vault has forgotten it (after a day)."""

    def retrievals(self) -> Iterator[Retrieval]:
        """Everything that was asked for lately and is under way or readable."""

    def output(self, retrieval: str) -> Iterator[bytes]:
        """What a readable retrieval brought, in chunks."""

    def delete(self, archive_id: str) -> None:
        """Free the archive; harmless when repeated."""

    def inventory(self) -> Iterator[Listed]:
        """The newest inventory; asks for one, and is empty, where there is none today."""


class VaultArchiveStore:
    """Archives in a vault; ``claims`` remembers what was asked for, by archive id."""

    def __init__(
        self,
        vault: Vault,
        warm: Files,
        claims: EffectClaims,
        *,
        tier: Tier,
        now: Callable[[], datetime],
        work_folder: Path | None = None,
    ) -> None:
        self._vault = vault
        self._warm = warm
        self._claims = claims
        self._tier = tier
        self._now = now
        self._work_folder = work_folder

    def put(self, user_id: str, job_id: str, warm: ResultFile) -> ArchiveCopy:
        with tempfile.TemporaryDirectory(prefix="gas-", dir=self._work_folder) as folder:
            path = Path(folder) / "archive"
            found = _write(self._warm.stream(warm.key), path)
            if found != warm.sha256:
                raise DamagedCopy(f"{warm.key}: SHA-256 {found} instead of {warm.sha256}")
            archive_id = self._vault.upload(path, Label(user_id, job_id).text())
        return ArchiveCopy(
            store="vault", archive_id=archive_id, size_bytes=warm.size_bytes, sha256=warm.sha256
        )

    def request_restore(self, user_id: str, job_id: str, copy: ArchiveCopy) -> RestorePromise:
        asked = self._asked_once(Label(user_id, job_id, copy.archive_id))
        return RestorePromise(asked.tier, self._now() + LONGEST_WAIT[asked.tier], asked.id)

    def _asked_once(self, label: Label) -> Retrieval:
        """The retrieval that is under way or done; asks for one where there is none."""
        for turn in range(_MOST_RETRIEVALS):
            claim_id = f"{label.archive_id}/{turn}"
            claim = self._claims.claim(claim_id)
            if claim is Claim.TAKEN:
                raise RestoreRequestPending(self._claims.claim_seconds)
            asked = None if claim is Claim.OURS else self._asked_before(label.archive_id)
            if claim is Claim.DONE and asked is None:
                continue  # that one failed, or was forgotten: the next turn is to be claimed
            if asked is None:
                asked = self._ask(label)
            if claim is not Claim.DONE:
                self._claims.complete(claim_id)
            return asked
        raise RuntimeError(f"{_MOST_RETRIEVALS} retrievals of {label.archive_id} came to nothing")

    def _asked_before(self, archive_id: str) -> Retrieval | None:
        return next((r for r in self._vault.retrievals() if r.archive_id == archive_id), None)

    def _ask(self, label: Label) -> Retrieval:
        tier = self._tier
        try:
            id = self._vault.initiate(label.archive_id, label.text(), tier)
        except NoCapacity:
            if tier is not Tier.EXPEDITED:
                raise
            tier = Tier.STANDARD
            logger.info("no expedited capacity, asking for standard", job_id=label.job_id)
            id = self._vault.initiate(label.archive_id, label.text(), tier)
        return Retrieval(id, label.archive_id, Readiness.THAWING, tier)

    def readiness(self, copy: ArchiveCopy, retrieval: str | None) -> Readiness:  # noqa: ARG002
        found = self._vault.retrieval(retrieval) if retrieval else None
        return found.readiness if found else Readiness.COLD

    def parse_notice(self, body: str) -> list[Notice]:
        try:
            message = json.loads(body)
            if message["Action"] != "ArchiveRetrieval":
                return []
            label = json.loads(message["JobDescription"])
            return [
                Notice(
                    job_id=label["job_id"],
                    archive_id=message["ArchiveId"],
                    retrieval=message["JobId"],
                    succeeded=message["StatusCode"] == "Succeeded",
                )
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidEvent(f"not a notice of a vault: {error!r}") from None

    def fetch(self, copy: ArchiveCopy, to: ResultFile, retrieval: str | None) -> None:
        if retrieval is None or self.readiness(copy, retrieval) is not Readiness.READABLE:
            raise StillCold(copy.archive_id)
        with tempfile.TemporaryDirectory(prefix="gas-", dir=self._work_folder) as folder:
            path = Path(folder) / "archive"
            found = _write(self._vault.output(retrieval), path)
            if found != copy.sha256:
                raise DamagedCopy(f"{copy.archive_id}: SHA-256 {found} instead of {copy.sha256}")
            self._warm.put(to.key, path, "application/gzip")

    def delete(self, copy: CopyReference) -> None:
        self._vault.delete(copy.archive_id)

    def stored_before(self, moment: datetime) -> Iterator[StoredCopy]:
        for listed in self._vault.inventory():
            job_id = _job_of(listed.description)
            if job_id and listed.created_at < moment:
                yield StoredCopy(job_id, "vault", listed.archive_id)


def _write(chunks: Iterable[bytes], path: Path) -> str:
    """Write them, and give the hexadecimal SHA-256 of all."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _job_of(description: str) -> str | None:
    """The job of an archive of ours; a vault may hold what other programs put there."""
    try:
        label: Any = json.loads(description)
        return str(label["job_id"])
    except (ValueError, KeyError, TypeError):
        return None
