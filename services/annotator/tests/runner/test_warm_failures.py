"""Whatever a warm engine does, it costs a record or a job, never the worker."""

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.processes.pipes import EngineFailed
from annotator.runner.careful import ENGINE_FAILED
from annotator.runner.warm import calls
from annotator.runner.warm.client import PIECE_ROWS, WarmEngine
from annotator.runner.warm.process import CannotStart, WarmProcess
from tests.support.faulty_loader import CRASH, FLOOD, HANG, NONSENSE, RAISE

ROOT = Path(__file__).parents[4]
SECONDS = 0.4


@pytest.fixture(scope="module")
def process() -> Iterator[WarmProcess]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        started = WarmProcess(bundles.find("human-mt"), 2, SECONDS, "tests.support.faulty_loader")
    yield started
    started.end()


@pytest.fixture
def engine(process: WarmProcess) -> Iterator[WarmEngine]:
    with process.connector() as connector:
        yield WarmEngine(connector, "faulty 1", at_once=2)


def alleles(*alts: str, records: list[int] | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "contig": ["MT"] * len(alts),
            "pos": range(1, len(alts) + 1),
            "ref": ["A"] * len(alts),
            "alt": alts,
            "record": records or list(range(len(alts))),
        }
    )


def runs(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_an_answer_is_the_servers_own(engine: WarmEngine) -> None:
    answer = engine.annotate(alleles("G", "T"), "picked")
    assert answer.rows["row"].to_list() == [0, 1]
    assert answer.rows["PICK"].to_list() == ["picked", "picked"]
    assert answer.unanswered.is_empty()


def test_a_long_chunk_is_asked_in_pieces_and_answered_in_order(engine: WarmEngine) -> None:
    count = 3 * PIECE_ROWS + 17
    answer = engine.annotate(alleles(*["G"] * count))
    assert answer.rows["row"].to_list() == list(range(count))
    assert answer.rows["SYMBOL"].n_unique() == 2, "both servers take part"


def test_no_alleles_are_answered_with_the_columns(engine: WarmEngine) -> None:
    answer = engine.annotate(alleles())
    assert answer.rows.is_empty()
    assert "Consequence" in answer.rows.columns


@pytest.mark.parametrize(
    ("alt", "reason"),
    [
        (CRASH, "signal 11"),
        (HANG, "too long"),
        (RAISE, "RuntimeError: the allele is not to my taste"),
        (NONSENSE, "not about the alleles"),
    ],
)
def test_a_bad_record_has_no_answer_and_all_others_have(
    alt: str, reason: str, engine: WarmEngine
) -> None:
    answer = engine.annotate(alleles("G", "T", "G", alt, "G"))
    assert answer.rows["row"].to_list() == [0, 1, 2, 4]
    assert answer.unanswered["row"].to_list() == [3]
    assert answer.unanswered["reason"][0].startswith(ENGINE_FAILED)
    assert reason in answer.unanswered["reason"][0]


def test_the_alleles_of_a_record_stay_together(engine: WarmEngine) -> None:
    answer = engine.annotate(alleles("G", "T", RAISE, "G", "T", records=[0, 1, 1, 1, 2]))
    assert answer.rows["row"].to_list() == [0, 4]
    assert answer.unanswered["row"].to_list() == [1, 2, 3]


def test_where_everything_fails_the_attempt_fails(engine: WarmEngine) -> None:
    with pytest.raises(EngineFailed, match="not to my taste"):
        engine.annotate(alleles(*[RAISE] * 1000))


def test_what_it_prints_is_read_and_forgotten(engine: WarmEngine, process: WarmProcess) -> None:
    assert engine.annotate(alleles(*[FLOOD] * 3)).rows.height == 3
    assert process.is_running


def test_two_parts_are_answered_at_once(process: WarmProcess) -> None:
    """While one server hangs, the other answers a second connector."""
    with process.connector() as first, process.connector() as second:
        hanging = WarmEngine(first, "faulty 1", at_once=1)
        thread = threading.Thread(target=hanging.annotate, args=(alleles(HANG),))
        began = time.monotonic()
        thread.start()
        assert WarmEngine(second, "faulty 1", at_once=1).annotate(alleles("G")).rows.height == 1
        assert time.monotonic() - began < SECONDS
        thread.join()


def test_a_request_that_never_arrives_is_ended(process: WarmProcess, engine: WarmEngine) -> None:
    with process.connector() as connector:
        for _ in range(4):
            stream = calls.call(connector, 1)
            stream.settimeout(20)
            assert b"too long" in stream.recv(1000)
            stream.close()
    assert engine.annotate(alleles("G")).rows.height == 1


def test_nonsense_on_a_connector_costs_only_that_connector(
    process: WarmProcess, engine: WarmEngine
) -> None:
    with process.connector() as connector:
        connector.sendall(b"what is this")
        connector.settimeout(20)
        with contextlib.suppress(ConnectionResetError):
            assert connector.recv(1) == b"", "the loader hangs up"
    assert engine.annotate(alleles("G")).rows.height == 1


def test_what_is_no_socket_costs_only_that_connector(
    process: WarmProcess, engine: WarmEngine, tmp_path: Path
) -> None:
    with process.connector() as connector, (tmp_path / "file").open("wb") as file:
        socket.send_fds(connector, [b"\0\0\0\0"], [file.fileno()])
        connector.settimeout(20)
        with contextlib.suppress(ConnectionResetError):
            assert connector.recv(1) == b""
    assert engine.annotate(alleles("G")).rows.height == 1


def test_a_request_that_is_not_one_is_refused(process: WarmProcess, engine: WarmEngine) -> None:
    with process.connector() as connector, calls.call(connector, 1) as stream:
        stream.sendall(b"\xff\xff\xff\xff and so on")
        stream.shutdown(socket.SHUT_WR)
        assert b"cannot be read" in stream.recv(1000)
    assert engine.annotate(alleles("G")).rows.height == 1


def test_an_engine_that_is_gone_costs_the_attempt() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        process = WarmProcess(bundles.find("human-mt"), 1, SECONDS, "tests.support.faulty_loader")
    with process.connector() as connector:
        engine = WarmEngine(connector, "faulty 1", at_once=1)
        assert engine.annotate(alleles("G")).rows.height == 1
        servers = process.servers()
        os.kill(process.process, signal.SIGKILL)
        with pytest.raises(EngineFailed):
            engine.annotate(alleles("G"))
    process.end()
    assert not process.is_running
    assert servers
    assert not any(runs(server) for server in servers)


@pytest.mark.parametrize(
    ("name", "words"), [("silent", "I would rather not"), ("stillborn", "exit status 3")]
)
def test_one_that_does_not_start_says_its_last_words(name: str, words: str, tmp_path: Path) -> None:
    bundle = Bundle(tmp_path / name, bundles.find("human-mt").manifest)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        with pytest.raises(CannotStart, match=words):
            WarmProcess(bundle, 1, SECONDS, "tests.support.faulty_loader")
