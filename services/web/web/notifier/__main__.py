"""Wiring of the notifier."""

from functools import partial

from gas.platform.inbox import DynamoInbox
from gas.platform.profiles import DynamoProfileTable
from gas.platform.settings import load
from gas.platform.tables import DynamoAccountTable, DynamoJobTable
from gas.platform.worker import Line, Worker, reading_events
from web.notifier.handler import Ports, SesPost, handle
from web.settings import NotifierSettings


def line(worker: Worker, settings: NotifierSettings) -> Line:
    """The notifier's queue and what handles it."""
    dynamodb = worker.aws.dynamodb()
    ports = Ports(
        job_table=DynamoJobTable(dynamodb, settings.prefix),
        account_table=DynamoAccountTable(dynamodb, settings.prefix),
        profiles=DynamoProfileTable(dynamodb, settings.prefix),
        inbox=DynamoInbox(
            dynamodb,
            settings.prefix,
            "notifier",
            claim_seconds=settings.claim_seconds,
            now=worker.now,
        ),
        post=SesPost(worker.aws.ses()),
        public_url=settings.public_url,
        mail_from=settings.mail_from,
        now=worker.now,
    )
    return Line("notifier", reading_events(partial(handle, ports=ports)), settings.concurrency)


def main() -> int:
    """Run until told to stop; gives the exit status."""
    settings = load(NotifierSettings)
    worker = Worker.start("notifier", settings)
    return worker.run(line(worker, settings))


if __name__ == "__main__":
    raise SystemExit(main())
