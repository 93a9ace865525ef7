"""The archive store that the settings name."""

from gas.events import new_id
from gas.platform.archive.s3 import S3ArchiveStore
from gas.platform.archive.store import ArchiveStore
from gas.platform.aws import Aws
from gas.platform.settings import ColdSettings
from gas.platform.worker import utc_now


def archive_store(settings: ColdSettings, aws: Aws) -> ArchiveStore:
    """Cold storage on AWS."""
    return S3ArchiveStore(
        aws.s3(),
        aws.s3(attempts=1),
        warm_bucket=settings.bucket("results"),
        cold_bucket=settings.bucket("archive"),
        tier=settings.restore_tier,
        now=utc_now,
        new_id=new_id,
    )
