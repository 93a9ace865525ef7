"""Wiring of the restorer."""

from functools import partial

from gas.platform.archive.wiring import archive_store
from gas.platform.settings import ColdSettings, load
from gas.platform.tables import DynamoAccountTable, DynamoJobTable
from gas.platform.worker import Worker, jobs_of, reading_events
from restorer.handler import Ports, handle


def main() -> int:
    """Run until told to stop; gives the exit status."""
    settings = load(ColdSettings)
    worker = Worker.start("restorer", settings)
    dynamodb = worker.aws.dynamodb()
    ports = Ports(
        jobs=jobs_of(worker.pen),
        job_table=DynamoJobTable(dynamodb, settings.prefix),
        accounts=DynamoAccountTable(dynamodb, settings.prefix),
        store=archive_store(settings, worker.aws),
    )
    return worker.run(reading_events(partial(handle, ports=ports)))


if __name__ == "__main__":
    raise SystemExit(main())
