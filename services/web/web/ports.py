"""Everything the web server works with, made once for a process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app

from gas.events import Plan, new_id
from gas.platform.aws import Aws
from gas.platform.files import S3Files
from gas.platform.journal import Pen
from gas.platform.profiles import DynamoProfileTable
from gas.platform.progress import DynamoProgressTable
from gas.platform.tables import DynamoAccountTable, DynamoJobTable
from gas.platform.uploads import DynamoUploadTable
from gas.platform.worker import accounts_of, jobs_of, pen_for, utc_now
from web.billing import NoBilling, SandboxBilling
from web.bundles import DescribedBundle, described
from web.jobs import JobDesk
from web.people import People
from web.settings import WebSettings
from web.storage import S3Storage
from web.submission import Submission


@dataclass(frozen=True, slots=True)
class Ports:
    """``check`` raises where the back end does not answer."""

    people: People
    submission: Submission
    desk: JobDesk
    check: Callable[[], object]
    bundles: tuple[DescribedBundle, ...]


def ports() -> Ports:
    """The ports of the running application."""
    return cast(Ports, current_app.extensions["gas"])


def people_of(settings: WebSettings, aws: Aws, pen: Pen) -> People:
    """Accounts and profiles on AWS."""
    dynamodb = aws.dynamodb()
    return People(
        accounts=accounts_of(pen),
        table=DynamoAccountTable(dynamodb, settings.prefix),
        profiles=DynamoProfileTable(dynamodb, settings.prefix),
        billing=SandboxBilling() if settings.billing == "sandbox" else NoBilling(),
        now=pen.now,
    )


def wire(settings: WebSettings, aws: Aws, now: Callable[[], datetime] = utc_now) -> Ports:
    """All ports on AWS."""
    pen = pen_for("web", settings, aws, now)
    s3, dynamodb = aws.s3(), aws.dynamodb()
    inputs, results = settings.bucket("inputs"), settings.bucket("results")
    storage = S3Storage(aws.s3(endpoint_url=settings.s3_public_url), inputs, results)
    submission = Submission(
        jobs=jobs_of(pen),
        table=DynamoJobTable(dynamodb, settings.prefix),
        uploads=DynamoUploadTable(dynamodb, settings.prefix),
        inputs=S3Files(s3, inputs),
        storage=storage,
        now=now,
        new_id=new_id,
        limits={Plan.FREE: settings.free_upload_bytes, Plan.PREMIUM: settings.premium_upload_bytes},
        bundles=settings.bundles,
        large_file_bytes=settings.large_file_bytes,
    )
    desk = JobDesk(
        jobs=jobs_of(pen),
        table=DynamoJobTable(dynamodb, settings.prefix),
        log=pen.log,
        progress=DynamoProgressTable(dynamodb, settings.prefix, now),
        results=S3Files(s3, results),
        storage=storage,
        grace=settings.grace,
    )
    people = people_of(settings, aws, pen)
    return Ports(
        people,
        submission,
        desk,
        check=lambda: people.table.get("readiness"),
        bundles=described(settings.bundles, settings.bundle_catalogue),
    )
