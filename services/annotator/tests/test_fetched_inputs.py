"""Jobs whose input is fetched from an address: once, whatever crashes, and with no secret left."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from annotator import input_fetch
from annotator.fetching.reading import Fetcher, Rules
from annotator.handler import give_up, handle
from annotator.part_queue.handler import handle_message
from annotator.ports import Ports
from gas.domain.job import Job, JobStatus
from gas.domain.job_input import RecordInput
from gas.domain.job_rules import Cancel, Submit
from gas.events import Event, FailureCode, InputFile, Lane, Plan
from gas.eventstore.guards import ClaimUpload
from gas.messaging.delivery import Interrupted
from gas.tables.uploads import FETCHED, Upload
from tests.support.annotator_ports import ports_of
from tests.support.file_server import FileServer, ok, serving
from tests.support.world import World

VCF = (
    b"##fileformat=VCFv4.2\n##contig=<ID=chrM,length=16569>\n"
    b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nMT\t11778\t.\tG\tA\t.\t.\t.\n"
)
PATH = "/my.vcf?signature=topsecret"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as running:
        running.answers[PATH] = ok(VCF)
        yield running


def submitted(
    server: FileServer, path: str = PATH, most: int = 10_000, bundle: str = "auto"
) -> tuple[World, Job, Event]:
    """A job whose file is at that path of the server."""
    world = World()
    user_id, job_id, upload_id = world.register(), world.new_id(), FETCHED + world.new_id()
    key = f"{user_id}/{upload_id}"
    upload = Upload(upload_id, user_id, key, "my.vcf", most, source_url=server.url(path))
    world.uploads.put(upload)
    file = InputFile(
        bucket="inputs",
        key=key,
        size_bytes=most,
        etag="",
        filename="my.vcf",
        fetched_from="127.0.0.1",
    )
    command = Submit(job_id, user_id, file, bundle, Plan.FREE, Lane.LARGE)
    job = world.jobs.begin(job_id, command, guards=[ClaimUpload(upload_id, job_id)])
    return world, job, world.last_event()


def fetching(world: World, **rules: object) -> Ports:
    ports = ports_of(world)
    settings = ports.settings.model_copy(update={"fetch_pause_seconds": 0.0})
    fetcher = Fetcher(Rules(ports=None, allows_private=True, **rules))  # type: ignore[arg-type]
    return replace(ports, fetcher=fetcher, settings=settings)


def source_of(world: World, job: Job) -> str | None:
    upload = world.uploads.get(job.input.key.rpartition("/")[2])
    assert upload is not None
    return upload.source_url


def types_of(world: World, job: Job) -> list[str]:
    return [event.type.split(".")[2] for event in world.log.read(f"job/{job.job_id}")]


def failed(world: World, job: Job) -> tuple[FailureCode, str]:
    error = world.job(job.job_id).error
    assert error is not None
    return error.code, error.message


def test_a_file_is_fetched_stored_recorded_and_annotated(server: FileServer) -> None:
    world, job, event = submitted(server)
    handle(event, fetching(world))
    done = world.job(job.job_id)
    assert done.status is JobStatus.COMPLETED
    assert types_of(world, job) == ["submitted", "input_fetched", "started", "completed"]
    info = world.inputs.info(job.input.key)
    assert world.inputs.objects[job.input.key] == VCF
    assert (done.input.size_bytes, done.input.version_id) == (len(VCF), info.version_id)
    assert done.input.etag == info.etag.strip('"')
    assert done.stored_bytes > len(VCF)


def test_the_address_is_in_no_event_and_no_log_and_is_forgotten(server: FileServer) -> None:
    world, job, event = submitted(server)
    with capture_logs() as logs:
        handle(event, fetching(world))
    texts = [one.to_json() for one in world.log.read(f"job/{job.job_id}")]
    assert not [text for text in (*texts, str(logs)) if "topsecret" in text]
    assert source_of(world, job) is None


def test_a_second_delivery_fetches_nothing(server: FileServer) -> None:
    world, job, event = submitted(server)
    handle(event, fetching(world))
    version = world.job(job.job_id).version
    handle(event, fetching(world))
    assert len(server.asked) == 1
    assert world.job(job.job_id).version == version


def test_what_an_attempt_stored_before_it_died_is_taken(
    server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, job, event = submitted(server)
    ports = fetching(world)
    with monkeypatch.context() as patch:
        patch.setattr(input_fetch, "RecordInput", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            handle(event, ports)
    server.answers[PATH] = ok(VCF.replace(b"11778", b"3243"))
    handle(event, ports)
    assert len(server.asked) == 1
    assert world.job(job.job_id).status is JobStatus.COMPLETED


def test_an_attempt_that_died_before_it_forgot_the_address_leaves_that_to_the_next(
    server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, job, event = submitted(server)
    ports = fetching(world)
    with monkeypatch.context() as patch:
        patch.setattr(world.uploads, "forget_source", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            handle(event, ports)
    assert source_of(world, job)
    handle(event, ports)
    assert source_of(world, job) is None
    assert world.job(job.job_id).status is JobStatus.COMPLETED


def test_of_two_fetches_at_once_the_first_record_is_the_jobs(server: FileServer) -> None:
    world, job, event = submitted(server)

    def other_attempt(connection: socket.socket) -> None:
        world.inputs.write(job.input.key, VCF)
        info = world.inputs.info(job.input.key)
        theirs = job.input.model_copy(
            update={"size_bytes": len(VCF), "etag": info.etag.strip('"'), "version_id": "v1"}
        )
        world.jobs.execute(job.job_id, RecordInput(theirs))
        connection.sendall(ok(VCF.replace(b"11778", b"3243")))

    server.answers[PATH] = other_attempt
    handle(event, fetching(world))
    done = world.job(job.job_id)
    assert types_of(world, job).count("input_fetched") == 1
    assert done.input.version_id == "v1"
    assert done.status is JobStatus.COMPLETED


@pytest.mark.parametrize(
    ("answer", "code", "reason"),
    [
        (ok(b"", status="404 Not Found"), FailureCode.FETCH_FAILED, "there is no such file"),
        (ok(b"x" * 20_000), FailureCode.LIMIT_EXCEEDED, "you may send 10,000 at most"),
        (ok(b"<html>Log in</html>"), FailureCode.NOT_VCF, "an HTML or XML page"),
        (ok(b""), FailureCode.DAMAGED_FILE, "empty"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(
    answer: bytes, code: FailureCode, reason: str, server: FileServer
) -> None:
    server.answers[PATH] = answer
    world, job, event = submitted(server, bundle="human-mt" if b"html" in answer else "auto")
    handle(event, fetching(world))
    found, message = failed(world, job)
    assert found is code
    assert reason in message
    assert source_of(world, job) is None
    assert "topsecret" not in message


def test_an_address_that_leads_inward_fails_the_job(server: FileServer) -> None:
    world, job, event = submitted(server)
    ports = replace(fetching(world), fetcher=Fetcher(Rules(ports=None)))
    handle(event, ports)
    code, message = failed(world, job)
    assert code is FailureCode.FETCH_FAILED
    assert "127.0.0.1 is not on the public internet" in message
    assert not server.asked


def test_what_may_pass_is_tried_again(server: FileServer) -> None:
    busy = [ok(b"", status="503 Busy"), ok(VCF)[:-10], ok(VCF)]
    server.answers[PATH] = lambda connection: connection.sendall(busy.pop(0))
    world, job, event = submitted(server)
    with capture_logs() as logs:
        handle(event, fetching(world))
    assert world.job(job.job_id).status is JobStatus.COMPLETED
    assert len(server.asked) == 3
    assert "topsecret" not in str(logs)


def test_a_job_whose_address_was_lost_fails(server: FileServer) -> None:
    world, job, event = submitted(server)
    world.uploads.forget_source(job.input.key.rpartition("/")[2])
    handle(event, fetching(world))
    assert failed(world, job)[1] == input_fetch._FORGOTTEN


def dripping(until: threading.Event, then: Callable[[], object]) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n#")
        then()
        while not until.wait(0.01):
            connection.sendall(b"#")

    return answer


def test_a_cancelled_job_ends_its_fetch(
    server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_fetch, "_TICK", timedelta(0))
    world, job, event = submitted(server)
    ended = threading.Event()
    cancel = Cancel("user-1", "asked")
    server.answers[PATH] = dripping(ended, lambda: world.jobs.execute(job.job_id, cancel))
    handle(event, fetching(world))
    ended.set()
    assert world.job(job.job_id).status is JobStatus.CANCELLED
    assert source_of(world, job) is None
    assert job.input.key not in world.inputs.objects


def test_a_job_that_was_cancelled_before_it_began_forgets_its_address(server: FileServer) -> None:
    world, job, event = submitted(server)
    world.jobs.execute(job.job_id, Cancel("user-1", "asked"))
    handle(event, fetching(world))
    assert source_of(world, job) is None
    assert not server.asked


def test_a_job_that_ends_while_its_message_is_a_dead_letter_forgets_its_address(
    server: FileServer,
) -> None:
    world, job, event = submitted(server)
    ports = fetching(world)
    give_up(event.to_json(), "the process died four times", ports)
    assert source_of(world, job)
    handle_message(world.last_event().to_json(), ports)
    assert source_of(world, job) is None


def test_a_process_that_stops_gives_the_message_back(server: FileServer) -> None:
    world, job, event = submitted(server)
    with pytest.raises(Interrupted):
        handle(event, replace(fetching(world), is_stopping=lambda: True))
    assert source_of(world, job)
    handle(event, fetching(world))
    assert world.job(job.job_id).status is JobStatus.COMPLETED


def test_progress_is_recorded_while_it_comes(
    server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_fetch, "_TICK", timedelta(0))
    world, _, event = submitted(server)
    fractions: list[float] = []
    record = world.progress.record

    def noted(job_id: str, fraction: float, variants: int, attempt: int) -> None:
        if attempt == 0:
            fractions.append(fraction)
        record(job_id, fraction, variants, attempt)

    monkeypatch.setattr(world.progress, "record", noted)
    handle(event, fetching(world))
    assert fractions[0] == 0.0
    assert fractions[-2:] == [1.0, 0.0], "the annotation begins anew"
