"""One job is one trace over all services, with the production repository and consumer."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gas.domain.account import Register
from gas.domain.job_rules import Start, Submit
from gas.events import InputFile, Lane, Plan, new_id
from gas.eventstore.guards import GuardFailed, PlanIs
from gas.eventstore.repository import ACCOUNT, JOB, Repository, WriteContext
from gas.memory.log import MemoryDatabase, MemoryEventLog
from gas.memory.publisher import MemoryEventBus
from gas.messaging.delivery import Postponed
from gas.messaging.event_handlers import event_handler
from gas.messaging.fan_out import fan_out_handler
from gas.observability import tracing
from gas.observability.tracing.export import recording_to

USER = "u" * 32
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Traced:
    """Repositories on an in-memory log, and the spans of their writes."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        tracing.use(recording_to(SimpleSpanProcessor(self._exporter), "test"))
        self.log = MemoryEventLog(MemoryDatabase())
        write_context = WriteContext(self.log, MemoryEventBus(), lambda: NOW, new_id, "/gas/test")
        self.jobs = Repository(JOB, write_context)
        self.accounts = Repository(ACCOUNT, write_context)

    @property
    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self._exporter.get_finished_spans()}

    def submit(self) -> str:
        job_id = new_id()
        file = InputFile(bucket="b", key="k", size_bytes=1, etag="e", filename="a.vcf")
        self.jobs.execute(
            job_id, Submit(job_id, USER, file, "human-mt", Plan.FREE, Lane.SMALL, False)
        )
        return job_id


@pytest.fixture
def traced() -> Iterator[Traced]:
    yield Traced()
    tracing.use(None)


def ids(span: ReadableSpan) -> tuple[str, str, str | None]:
    """The ids of the trace, of the span and of its parent, in hexadecimal digits."""
    context = span.get_span_context()
    assert context is not None
    parent = f"{span.parent.span_id:016x}" if span.parent else None
    return f"{context.trace_id:032x}", f"{context.span_id:016x}", parent


def test_the_submission_is_the_root_of_a_trace_named_by_the_job_id(traced: Traced) -> None:
    with tracing.span("request"):
        job_id = traced.submit()
    digits = job_id.replace("-", "")
    root = traced.spans["job: Submit"]
    assert ids(root) == (digits, digits[16:], None)
    assert [f"{link.context.trace_id:032x}" for link in root.links] == [
        ids(traced.spans["request"])[0]
    ]
    (event,) = traced.log.read(f"job/{job_id}")
    assert event.traceparent is not None
    assert event.traceparent.split("-")[1:3] == [digits, digits[16:]]


def test_a_consumer_continues_the_trace_of_its_event(traced: Traced) -> None:
    job_id = traced.submit()
    (event,) = traced.log.read(f"job/{job_id}")

    def start(_: object) -> None:
        traced.jobs.execute(job_id, Start("bcftools", "1"), cause=event)

    with tracing.delivered("gas-annotator", "m1", 2):
        event_handler(start)(event.to_json())
    handling, writing = traced.spans["process gas.job.submitted.v1"], traced.spans["job: Start"]
    assert ids(handling)[2] == ids(traced.spans["job: Submit"])[1]
    assert ids(writing)[2] == ids(handling)[1]
    assert handling.attributes is not None
    assert handling.attributes["messaging.destination.name"] == "gas-annotator"
    assert handling.attributes["gas.receives"] == 2
    started = traced.log.read(f"job/{job_id}")[-1]
    assert started.traceparent is not None
    assert ids(writing)[1] in started.traceparent


def test_an_upgrade_adds_to_each_jobs_own_trace_and_links_to_itself(traced: Traced) -> None:
    job_id = traced.submit()
    traced.accounts.execute(USER, Register(USER))
    (event,) = traced.log.read(f"account/{USER}")
    fan_out_message = json.dumps({"errand": job_id, "cause": json.loads(event.to_json())})
    fan_out_handler(lambda *_: None)(fan_out_message)
    span = traced.spans[f"process {event.type}"]
    digits = job_id.replace("-", "")
    assert ids(span)[0] == digits
    assert ids(span)[2] == digits[16:]
    assert len(span.links) == 1
    assert ids(traced.spans["account: Register"])[0] != digits


def test_a_notice_without_a_trace_continues_that_of_its_job(traced: Traced) -> None:
    job_id = new_id()
    with tracing.span("something else"), tracing.noticed(job_id, "process restore notice"):
        inner = tracing.traceparent()
    assert inner is not None
    assert inner.split("-")[1] == job_id.replace("-", "")


def test_only_failures_are_errors_in_a_trace(traced: Traced) -> None:
    job_id = traced.submit()
    (event,) = traced.log.read(f"job/{job_id}")

    def early(_: object) -> None:
        raise Postponed(NOW)

    def broken(_: object) -> None:
        raise OSError("no space")

    with pytest.raises(Postponed):
        event_handler(early)(event.to_json())
    assert traced.spans["process gas.job.submitted.v1"].status.description is None
    with pytest.raises(OSError, match="no space"):
        event_handler(broken)(event.to_json())
    failed = traced.spans["process gas.job.submitted.v1"]
    assert failed.status.description == "OSError: no space"
    with pytest.raises(GuardFailed):
        traced.jobs.execute(job_id, Start("b", "1"), guards=[PlanIs(USER, Plan.FREE, 7)])
    assert traced.spans["job: Start"].status.description is None


def test_without_a_collector_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tracing.ENDPOINT, raising=False)
    assert not tracing.configure("test")
    with tracing.span("work"):
        assert tracing.traceparent() is None
    assert tracing.log_ids() == {}
