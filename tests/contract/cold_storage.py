"""Cold storage for the contract tests: each kind, in memory and on AWS."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gas.archive.store import ArchiveStore
from gas.archive.vault import VaultArchiveStore
from gas.archive.wiring import archive_store
from gas.aws.clients import Aws
from gas.events import ArchiveCopy, ResultFile, ResultKind, Tier, new_id
from gas.files.bucket import Files
from gas.files.s3 import S3Files
from gas.memory.archive import MemoryArchiveStore
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.files import MemoryFiles
from gas.memory.vault import MemoryVault
from gas.messaging.queue import SqsQueue
from gas.runtime.repositories import utc_now
from gas.settings import ColdSettings, Settings

Kind = Literal["s3", "vault"]
_NOTICE_SECONDS = 30


@dataclass
class ColdStorage:
    """An archive store, the bucket of warm results, and the way a restore is finished.

    ``thaw`` finishes the restore of a copy and returns the store's notice.
    """

    warm: Files
    store: ArchiveStore
    thaw: Callable[[ArchiveCopy], str]
    folder: Path

    def stored(self, content: bytes = b"result") -> ResultFile:
        """A new warm result with that content."""
        path = self.folder / "file"
        path.write_bytes(content)
        key = f"u/j/{new_id()}/my.annot.vcf.gz"
        self.warm.put(key, path, "application/gzip")
        digest = hashlib.sha256(content).hexdigest()
        return ResultFile(kind=ResultKind.VCF, key=key, size_bytes=len(content), sha256=digest)

    def content(self, key: str) -> bytes:
        """The warm file under that key."""
        return b"".join(self.warm.stream(key))


def cold_storage_in_memory(kind: Kind, folder: Path) -> ColdStorage:
    files = MemoryFiles("results", utc_now)
    if kind == "s3":
        store = MemoryArchiveStore(files, utc_now, new_id)
        return ColdStorage(files, store, lambda copy: store.thaw(copy.archive_id), folder)
    vault = MemoryVault(utc_now)
    claims = MemoryEffectClaims(utc_now)
    archives = VaultArchiveStore(
        vault, files, claims, tiers=(Tier.EXPEDITED, Tier.STANDARD), now=utc_now
    )
    return ColdStorage(files, archives, lambda copy: vault.finish(copy.archive_id)[-1], folder)


def cold_storage_on_aws(kind: Kind, settings: Settings, folder: Path) -> ColdStorage:
    """On the installation of ``settings``; for a vault AWS_ENDPOINT_URL_GLACIER must be set."""
    aws = Aws(settings)
    vault = settings.named("archive") if kind == "vault" else None
    if vault:
        aws.glacier().create_vault(vaultName=vault)
    cold = ColdSettings(**settings.model_dump(), archive_store=kind, vault=vault)
    store = archive_store(cold, aws, utc_now)
    notices = SqsQueue(aws.sqs(), settings.named("thawer"))

    def thaw(copy: ArchiveCopy) -> str:
        deadline = time.monotonic() + _NOTICE_SECONDS
        while time.monotonic() < deadline:
            for message in notices.receive(10, 2, 30):
                notices.delete(message)
                parsed = store.parse_notice(message.body)
                if any(notice.archive_id == copy.archive_id for notice in parsed):
                    return message.body
        raise AssertionError(f"no notice for {copy.archive_id}")

    return ColdStorage(S3Files(aws.s3(), settings.bucket("results")), store, thaw, folder)
