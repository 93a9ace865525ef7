"""Everything that the web server works with, made once per process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from flask import current_app

from gas.aws.clients import Aws
from gas.events import Plan, Tier, new_id
from gas.eventstore.feed import DynamoEventFeed
from gas.eventstore.repository import WriteContext
from gas.files.bucket import Files
from gas.files.s3 import S3Files
from gas.files.s3_part_uploads import S3PartUploads
from gas.runtime.repositories import (
    account_repository,
    deferring_marks,
    job_repository,
    utc_now,
    write_context_for,
)
from gas.tables.accounts import DynamoAccountTable
from gas.tables.callers import DynamoCallerTables
from gas.tables.job_list import DynamoJobListTable
from gas.tables.jobs import DynamoJobTable
from gas.tables.personal_dynamo import DynamoPersonalTable
from gas.tables.profiles import DynamoProfileTable
from gas.tables.progress import DynamoProgressTable
from gas.tables.rates import DynamoRateTable
from gas.tables.sessions import DynamoSessionTable
from gas.tables.suppressions import DynamoSuppressionTable, SuppressionTable
from gas.tables.uploads import DynamoUploadTable
from web.accounts.billing import billing_of
from web.accounts.operators import Operators
from web.accounts.service import AccountService
from web.accounts.sessions import Sessions
from web.bundles import BundleList, described
from web.export.exporter import Exporter
from web.export.exporter import Limits as ExportLimits
from web.export.service import ExportService
from web.jobs.listing import JobLists
from web.jobs.sample import Samples
from web.jobs.service import JobService
from web.jobs.storage import S3Storage
from web.jobs.submission import Submission
from web.jobs.terms import must_be_accepted
from web.live.sources import Sources
from web.operation.wiring import Operation, operation_of
from web.personal.wiring import Personal, personal_of
from web.published_bundles import OfferedBundles
from web.quotas.quotas import Quotas
from web.quotas.rates import Rates
from web.quotas.wiring import quota_of_plan, rates_of
from web.settings import WebSettings
from web.uploads.in_parts import UploadsInParts
from web.variants.cache import Room, VariantCache
from web.variants.engine import Engine, Limits
from web.variants.page_cursor import PageCursors
from web.variants.service import VariantService


@dataclass(frozen=True, slots=True)
class Ports:
    """What routes work with; ``check`` raises an AwsError if the database does not answer."""

    accounts: AccountService
    submission: Submission
    jobs: JobService
    suppressions: SuppressionTable
    check: Callable[[], object]
    bundles: Callable[[], BundleList]
    variants: VariantService
    personal: Personal
    samples: Samples
    exports: ExportService
    sessions: Sessions
    rates: Rates
    uploads: UploadsInParts
    live: Sources
    operation: Operation
    restore_tiers: tuple[Tier, ...]


def ports() -> Ports:
    """The ports of the application that handles the current request."""
    return cast(Ports, current_app.extensions["gas"])


def account_service_of(
    settings: WebSettings, aws: Aws, write_context: WriteContext
) -> AccountService:
    """The service of accounts and profiles, on AWS."""
    dynamodb = aws.dynamodb()
    operators = Operators(settings.operator_contact)
    return AccountService(
        accounts=account_repository(write_context),
        table=DynamoAccountTable(dynamodb, settings.prefix),
        profiles=DynamoProfileTable(dynamodb, settings.prefix),
        callers=DynamoCallerTables(dynamodb, settings.prefix),
        billing=billing_of(settings.billing, operators),
        now=write_context.now,
        operators=operators,
        most_tokens=settings.api_tokens,
    )


def wire(
    settings: WebSettings,
    aws: Aws,
    now: Callable[[], datetime] = utc_now,
    mark_seconds: float | None = None,
) -> Ports:
    """All ports, on AWS. ``now`` is the clock.

    With ``mark_seconds`` published events leave the outbox that much later, many at once.
    """
    write_context = write_context_for("web", settings, aws, now)
    if mark_seconds is not None:
        write_context = deferring_marks(write_context, mark_seconds)
    s3, dynamodb = aws.s3(), aws.dynamodb()
    inputs, results = settings.bucket("inputs"), settings.bucket("results")
    # Presigned links must contain S3's address as browsers know it; our own calls use ours.
    storage = S3Storage(aws.s3(endpoint_url=settings.s3_public_url), inputs, results)
    job_table = DynamoJobTable(dynamodb, settings.prefix)
    uploads = DynamoUploadTable(dynamodb, settings.prefix)
    offered = offered_bundles_of(settings, aws)
    submission = Submission(
        jobs=job_repository(write_context),
        table=job_table,
        uploads=uploads,
        inputs=S3Files(s3, inputs),
        storage=storage,
        now=now,
        new_id=new_id,
        limits={Plan.FREE: settings.free_upload_bytes, Plan.PREMIUM: settings.premium_upload_bytes},
        bundles=offered.now,
        large_file_bytes=settings.large_file_bytes,
        quotas=Quotas(quota_of_plan(settings), job_table, uploads, now),
        check_terms=partial(must_be_accepted, address=f"{settings.public_url.rstrip('/')}/terms"),
        fetch_ports=settings.fetch_ports,
    )
    jobs = JobService(
        jobs=job_repository(write_context),
        table=job_table,
        log=write_context.log,
        progress=DynamoProgressTable(dynamodb, settings.prefix, now),
        results=S3Files(s3, results),
        storage=storage,
        archive_policy=settings.archive_policy,
        lists=JobLists(DynamoJobListTable(dynamodb, settings.prefix), now),
        now=now,
        undo=timedelta(seconds=settings.undo_seconds),
    )
    accounts = account_service_of(settings, aws, write_context)
    variants = variant_service_of(settings, S3Files(s3, results))
    return Ports(
        accounts,
        submission,
        jobs,
        suppressions=DynamoSuppressionTable(dynamodb, settings.prefix),
        check=lambda: accounts.table.get("readiness"),
        bundles=offered.now,
        variants=variants,
        personal=personal_of(
            DynamoPersonalTable(dynamodb, settings.prefix), now, new_id, settings.public_url
        ),
        samples=Samples(jobs.table),
        exports=export_service_of(settings, variants, S3Files(s3, results), now),
        sessions=Sessions(DynamoSessionTable(dynamodb, settings.prefix), now, new_id),
        rates=rates_of(settings, DynamoRateTable(dynamodb, settings.prefix), now),
        uploads=UploadsInParts(submission, S3PartUploads(s3, inputs), submission.inputs, storage),
        live=Sources(DynamoEventFeed(dynamodb, settings.prefix), job_table, jobs.progress, now),
        operation=operation_of(settings, aws, jobs.jobs, offered, write_context=write_context),
        restore_tiers=settings.restore_tiers,
    )


def offered_bundles_of(settings: WebSettings, aws: Aws) -> OfferedBundles:
    """The bundles of the settings, and those in the bucket of bundles if one is set."""
    bucket = settings.bundle_bucket
    return OfferedBundles(
        described(settings.bundles, settings.bundle_catalogue),
        S3Files(aws.s3(), bucket) if bucket else None,
    )


def export_service_of(
    settings: WebSettings, variants: VariantService, results: Files, now: Callable[[], datetime]
) -> ExportService:
    """The service of exports, which works beside the copies of the tables."""
    limits = ExportLimits(memory=settings.export_memory, at_once=settings.exports_at_once)
    exporter = Exporter(settings.variants_folder / "exports", limits)
    return ExportService(exporter, variants, results, settings.public_url.rstrip("/"), now)


def variant_service_of(settings: WebSettings, results: Files) -> VariantService:
    """The service of tables of variants, whose files are in the bucket ``results``."""
    limits = Limits(
        memory=settings.variants_memory,
        threads=settings.variants_threads,
        seconds=settings.variants_seconds,
        at_once=settings.variants_at_once,
    )
    return VariantService(
        VariantCache(results, Room(settings.variants_folder, settings.variants_bytes)),
        Engine(settings.variants_folder, limits),
        PageCursors(settings.session_secret),
    )
