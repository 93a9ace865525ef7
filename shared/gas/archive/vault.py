"""Cold storage in a vault of the original Glacier API, for AWS accounts that already have one.

A vault gives each archive an id, and each retrieval of it another. Requesting a retrieval is not
idempotent: every request is billed and cannot be cancelled. So a process claims the request first.
If it dies before it completes the claim, the next process looks in the vault's own list of
retrievals before it requests one.
Source: Amazon S3 Glacier developer guide, "Retrieving an archive", "Downloading a vault inventory".
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    tiers_to_try,
)
from gas.events import ArchiveCopy, InvalidEvent, ResultFile, Tier
from gas.files.bucket import Files
from gas.messaging.effect_claims import Claim, EffectClaims

logger = structlog.get_logger()
# Retrievals of one archive before we stop: each is billed, so something must be wrong.
_MAX_RETRIEVALS = 100


class NoCapacity(Exception):
    """The vault has no capacity for an expedited retrieval at the moment."""


@dataclass(frozen=True, slots=True)
class ArchiveDescription:
    """The description of an archive and of its retrievals, as JSON: the job that it belongs to.

    Glacier returns it in inventories and notices, which contain nothing else that names the job.
    """

    user_id: str
    job_id: str
    archive_id: str = ""

    def to_json(self) -> str:
        """The description as JSON in printable ASCII, which Glacier requires."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Retrieval:
    """One retrieval (a job of the Glacier API) as the vault lists it."""

    id: str
    archive_id: str
    readiness: Readiness
    tier: Tier


@dataclass(frozen=True, slots=True)
class InventoryEntry:
    """One archive in the vault's inventory."""

    archive_id: str
    description: str
    created_at: datetime


class Vault(Protocol):
    """One vault: the calls of the Glacier API that the store needs."""

    def upload(self, path: Path, description: str) -> str:
        """Upload the file and compare its tree hash; returns the archive id. Raises DamagedCopy."""

    def initiate(self, archive_id: str, description: str, tier: Tier) -> str:
        """Request a retrieval, which is billed; returns its id. Raises NoCapacity."""

    def retrieval(self, retrieval: str) -> Retrieval | None:
        """The retrieval with that id; None if the vault does not list it any more (after a day)."""

    def retrievals(self) -> Iterator[Retrieval]:
        """All listed retrievals of archives that are in progress or readable."""

    def output(self, retrieval: str) -> Iterator[bytes]:
        """The content of the archive of a readable retrieval, in chunks of bytes."""

    def delete(self, archive_id: str) -> None:
        """Delete the archive; idempotent."""

    def inventory(self) -> Iterator[InventoryEntry]:
        """The newest inventory. If there is none, requests one and yields nothing."""


class VaultArchiveStore:
    """Archives in a vault.

    ``claims`` has one claim for each retrieval: ``<archive id>/<number>``. ``work_folder`` is where
    files are kept while they are copied; the system's own by default.
    """

    def __init__(
        self,
        vault: Vault,
        warm: Files,
        claims: EffectClaims,
        *,
        tiers: Sequence[Tier],
        now: Callable[[], datetime],
        work_folder: Path | None = None,
    ) -> None:
        self._vault = vault
        self._warm = warm
        self._claims = claims
        self._tiers = tiers
        self._now = now
        self._work_folder = work_folder

    def put(self, user_id: str, job_id: str, warm: ResultFile) -> ArchiveCopy:
        with tempfile.TemporaryDirectory(prefix="gas-", dir=self._work_folder) as folder:
            # Through a file: Glacier wants the tree hash before the content.
            path = Path(folder) / "archive"
            found = _write(self._warm.stream(warm.key), path)
            # Checked before the upload, because an archive cannot be read back at once.
            if found != warm.sha256:
                raise DamagedCopy(f"{warm.key}: SHA-256 {found} instead of {warm.sha256}")
            archive_id = self._vault.upload(path, ArchiveDescription(user_id, job_id).to_json())
        return ArchiveCopy(
            store="vault", archive_id=archive_id, size_bytes=warm.size_bytes, sha256=warm.sha256
        )

    def request_restore(
        self, user_id: str, job_id: str, copy: ArchiveCopy, asked_before: Tier | None = None
    ) -> RestorePromise:
        description = ArchiveDescription(user_id, job_id, copy.archive_id)
        retrieval = self._asked_once(description, tiers_to_try(self._tiers, asked_before))
        expected_by = self._now() + LONGEST_WAIT[retrieval.tier]
        return RestorePromise(retrieval.tier, expected_by, retrieval.id)

    def _asked_once(self, description: ArchiveDescription, tiers: Sequence[Tier]) -> Retrieval:
        """The retrieval that is in progress or readable; requests one if there is none."""
        for number in range(_MAX_RETRIEVALS):
            claim_id = f"{description.archive_id}/{number}"
            # Claim, request, complete: the order that makes each retrieval be paid once.
            claim = self._claims.claim(claim_id)
            if claim is Claim.TAKEN:
                raise RestoreRequestPending(self._claims.claim_seconds)
            # With a new claim nobody has requested it yet, so the slow listing is not needed.
            found = None if claim is Claim.OURS else self._asked_before(description.archive_id)
            if claim is Claim.DONE and found is None:
                continue  # that retrieval failed or expired, so another may be requested
            if found is None:
                found = self._ask(description, tiers)
            if claim is not Claim.DONE:
                self._claims.complete(claim_id)
            return found
        raise RuntimeError(f"{_MAX_RETRIEVALS} retrievals of {description.archive_id} have failed")

    def _asked_before(self, archive_id: str) -> Retrieval | None:
        return next((r for r in self._vault.retrievals() if r.archive_id == archive_id), None)

    def _ask(self, description: ArchiveDescription, tiers: Sequence[Tier]) -> Retrieval:
        *preferred, last = tiers
        for tier in preferred:
            try:
                return self._initiated(description, tier)
            except NoCapacity:
                job_id = description.job_id
                logger.info("no capacity, requesting the next tier", job_id=job_id, tier=tier)
        return self._initiated(description, last)

    def _initiated(self, description: ArchiveDescription, tier: Tier) -> Retrieval:
        id = self._vault.initiate(description.archive_id, description.to_json(), tier)
        return Retrieval(id, description.archive_id, Readiness.THAWING, tier)

    def readiness(self, copy: ArchiveCopy, retrieval: str | None) -> Readiness:  # noqa: ARG002
        found = self._vault.retrieval(retrieval) if retrieval else None
        return found.readiness if found else Readiness.COLD

    def parse_notice(self, body: str) -> list[Notice]:
        try:
            message = json.loads(body)
            if message["Action"] != "ArchiveRetrieval":
                return []  # an inventory is ready, for instance
            description = json.loads(message["JobDescription"])
            return [
                Notice(
                    job_id=description["job_id"],
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
            # Checked before it is stored, so that no damaged file is ever in the results bucket.
            if found != copy.sha256:
                raise DamagedCopy(f"{copy.archive_id}: SHA-256 {found} instead of {copy.sha256}")
            self._warm.put(to.key, path, "application/gzip")

    def delete(self, copy: CopyReference) -> None:
        self._vault.delete(copy.archive_id)

    def stored_before(self, moment: datetime) -> Iterator[StoredCopy]:
        for entry in self._vault.inventory():
            job_id = _job_of(entry.description)
            if job_id and entry.created_at < moment:
                yield StoredCopy(job_id, "vault", entry.archive_id, entry.created_at)

    def erase(self, user_id: str, job_id: str, copy: CopyReference | None) -> None:  # noqa: ARG002
        # A vault keeps no versions: what is deleted is gone.
        if copy:
            self.delete(copy)

    def abort_unfinished(self, before: datetime) -> int:  # noqa: ARG002
        return 0  # Glacier itself ends them after a day

    def quarantine(self, copy: CopyReference, reason: str) -> None:
        """Nothing: archives of a vault have no tags."""

    def deleted_since(self, moment: datetime) -> Iterator[StoredCopy]:  # noqa: ARG002
        return iter(())

    def bring_back(self, copy: CopyReference) -> None:
        raise LookupError(f"{copy.archive_id}: a vault cannot bring back what was deleted")


def _write(chunks: Iterable[bytes], path: Path) -> str:
    """Write the chunks to ``path``; returns the hexadecimal SHA-256 of the content."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _job_of(description: str) -> str | None:
    """The job id in the description; None for an archive that another program put in the vault."""
    try:
        parsed: Any = json.loads(description)
        return str(parsed["job_id"])
    except (ValueError, KeyError, TypeError):
        return None
