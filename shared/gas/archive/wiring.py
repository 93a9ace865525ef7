"""Makes the archive stores that the settings name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gas.archive.glacier import GlacierVault
from gas.archive.s3 import S3ArchiveStore
from gas.archive.store import ArchiveStore
from gas.archive.stores import ArchiveStores, StoreName
from gas.archive.vault import VaultArchiveStore
from gas.aws.clients import Aws
from gas.events import new_id
from gas.files.s3 import S3Files
from gas.messaging.effect_claims import DynamoEffectClaims
from gas.settings import ColdSettings

# Longer than one request for a restore can take, listing the vault's retrievals included: at 33 s a
# call. A claim that ended too early would let a second process request, and pay for, the same.
_CLAIM_SECONDS = 180


def archive_store(settings: ColdSettings, aws: Aws, now: Callable[[], datetime]) -> ArchiveStore:
    """Cold storage on AWS: S3's Glacier class, and a vault where GAS_VAULT names one."""
    s3 = aws.s3()
    stores: dict[StoreName, ArchiveStore] = {
        "s3": S3ArchiveStore(
            s3,
            aws.s3_for_copies(),
            aws.s3(attempts=1),
            warm_bucket=settings.bucket("results"),
            cold_bucket=settings.bucket("archive"),
            tiers=settings.restore_tiers,
            now=now,
            new_id=new_id,
            part_bytes=settings.copy_part_bytes,
            is_emulated=settings.endpoint_url is not None,
        )
    }
    if settings.vault:
        claims = DynamoEffectClaims(
            aws.dynamodb(), settings.prefix, "vault", claim_seconds=_CLAIM_SECONDS, now=now
        )
        vault = GlacierVault(
            aws.glacier(),
            aws.glacier(attempts=1),
            name=settings.vault,
            topic_arn=settings.topic_arn("restore-notices"),
        )
        warm = S3Files(s3, settings.bucket("results"))
        stores["vault"] = VaultArchiveStore(
            vault, warm, claims, tiers=settings.restore_tiers, now=now
        )
    return ArchiveStores(settings.archive_store, stores)
