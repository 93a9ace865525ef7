"""Wiring of the notifier."""

from functools import partial

from gas.messaging.effect_claims import DynamoEffectClaims
from gas.messaging.event_handlers import event_handler
from gas.runtime.worker import ConsumerSpec, Worker
from gas.settings import load
from gas.tables.jobs import DynamoJobTable
from gas.tables.profiles import DynamoProfileTable
from gas.tables.recipients import DynamoRecipientTables
from gas.tables.suppressions import DynamoSuppressionTable
from notifier.contents import Site
from notifier.feedback import handle_feedback
from notifier.handler import handle
from notifier.ports import Ports
from notifier.sending import SesMailSender
from notifier.settings import NotifierSettings


def consumer_spec(worker: Worker, settings: NotifierSettings) -> ConsumerSpec:
    """The notifier's queue and its handler."""
    dynamodb = worker.aws.dynamodb()
    ports = Ports(
        job_table=DynamoJobTable(dynamodb, settings.prefix),
        recipients=DynamoRecipientTables(dynamodb, settings.prefix),
        profiles=DynamoProfileTable(dynamodb, settings.prefix),
        effect_claims=DynamoEffectClaims(
            dynamodb,
            settings.prefix,
            "notifier",
            claim_seconds=settings.claim_seconds,
            now=worker.now,
        ),
        mail_sender=SesMailSender(worker.aws.ses()),
        site=Site(settings.public_url.rstrip("/")),
        mail_from=settings.mail_from,
        archive_policy=settings.archive_policy,
        now=worker.now,
    )
    return ConsumerSpec(
        "notifier", event_handler(partial(handle, ports=ports)), settings.concurrency
    )


def feedback_spec(worker: Worker, settings: NotifierSettings) -> ConsumerSpec:
    """The queue of what SES reports about mails, and its handler."""
    suppressions = DynamoSuppressionTable(worker.aws.dynamodb(), settings.prefix)
    handler = partial(handle_feedback, suppressions=suppressions, now=worker.now)
    return ConsumerSpec("notifier-feedback", handler, concurrency=1)


def main() -> int:
    """Consume until SIGTERM; returns the exit status."""
    settings = load(NotifierSettings)
    worker = Worker.start("notifier", settings)
    return worker.run(consumer_spec(worker, settings), feedback_spec(worker, settings))


if __name__ == "__main__":
    raise SystemExit(main())
