"""Wiring of the annotator."""

from functools import partial

from annotator.engine.runner import annotate
from annotator.handler import Ports, give_up, handle
from annotator.settings import AnnotatorSettings
from gas.events import new_id
from gas.platform.files import S3Files
from gas.platform.progress import DynamoProgressTable
from gas.platform.settings import load
from gas.platform.tables import DynamoAccountTable, DynamoJobTable
from gas.platform.worker import Worker, jobs_of, reading_events, utc_now


def main() -> int:
    """Run until told to stop; gives the exit status."""
    settings = load(AnnotatorSettings)
    worker = Worker.start("annotator", settings)
    s3, dynamodb = worker.aws.s3(), worker.aws.dynamodb()
    ports = Ports(
        jobs=jobs_of(worker.pen),
        job_table=DynamoJobTable(dynamodb, settings.prefix),
        accounts=DynamoAccountTable(dynamodb, settings.prefix),
        progress=DynamoProgressTable(dynamodb, settings.prefix, utc_now),
        inputs=S3Files(s3, settings.bucket("inputs")),
        results=S3Files(s3, settings.bucket("results")),
        annotate=annotate,
        now=utc_now,
        new_id=new_id,
        # What would end soon may end; the rest is given back while there is time to.
        is_stopping=partial(worker.stopping.is_overdue, settings.stop_seconds / 2),
        grace=settings.grace,
        settings=settings,
    )
    return worker.run(reading_events(partial(handle, ports=ports)), partial(give_up, ports=ports))


if __name__ == "__main__":
    raise SystemExit(main())
