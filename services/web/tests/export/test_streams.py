"""Exports end when the client goes, when their time is over, and when something fails."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from annotator.runner import protocol
from tests.support.exports import of
from tests.support.variants import annotate, vcf
from tests.support.web_server import WebServer, problem
from web.export.copying import copied
from web.export.database import open_database
from web.export.deadline import TooSlow
from web.export.slots import AllTaken, Slots, TooManyOfOne

ENDLESS = "COPY (SELECT i FROM range(1000000000000) t(i)) TO {pipe} (FORMAT csv)"


def database(folder: Path) -> duckdb.DuckDBPyConnection:
    return open_database([folder], folder, "200MB")


def ends(threads_before: int) -> bool:
    """Whether no further thread is left, after a while."""
    end = time.monotonic() + 10
    while threading.active_count() > threads_before and time.monotonic() < end:
        threading.Event().wait(0.01)
    return threading.active_count() == threads_before


def test_a_client_that_goes_stops_the_query_and_leaves_nothing(tmp_path: Path) -> None:
    before = threading.active_count()
    chunks = copied(database(tmp_path), ENDLESS, None, tmp_path, 600)
    assert next(chunks).startswith(b"i\n0\n1\n")
    chunks.close()
    assert ends(before)
    assert list(tmp_path.iterdir()) == []


def test_a_client_that_stops_reading_is_given_up_after_the_time(tmp_path: Path) -> None:
    before = threading.active_count()
    chunks = copied(database(tmp_path), ENDLESS, None, tmp_path, 0.5)
    next(chunks)
    assert ends(before)  # although nobody reads
    with pytest.raises(TooSlow):
        list(chunks)


def test_a_query_that_computes_for_long_is_stopped_in_time(tmp_path: Path) -> None:
    slow = "COPY (SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(1000000) b(i)) TO {pipe}"
    started = time.monotonic()
    with pytest.raises(TooSlow):
        list(copied(database(tmp_path), f"{slow} (FORMAT csv)", None, tmp_path, 0.5))
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("sql", ["SELECT nothing", "SELECT error('no')", "not SQL"])
def test_a_query_that_fails_raises_and_does_not_wait(tmp_path: Path, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        list(copied(database(tmp_path), f"COPY ({sql}) TO {{pipe}}", None, tmp_path, 60))
    assert list(tmp_path.iterdir()) == []


def test_only_so_many_run_at_once_and_of_one_user() -> None:
    slots = Slots(at_once=3, of_one=2)
    slots.take("ada")
    slots.take("ada")
    with pytest.raises(TooManyOfOne):
        slots.take("ada")
    slots.take("bob")
    with pytest.raises(AllTaken):
        slots.take("eve")
    slots.give_back("ada")
    slots.take("eve")


def test_an_export_that_ends_or_is_left_gives_its_place_back(random: Any) -> None:
    path = f"/jobs/{random.job.job_id}/variants/export?format=csv&columns=transcripts_hgvsc"
    left = [random.user.call("GET", path, buffered=False) for _ in range(2)]
    problem(random.user.call("GET", path), 503, "exports-busy")
    for answer in left:
        answer.close()
    for _ in range(4):
        assert random.user.call("GET", path).data.startswith(b"transcripts_hgvsc\n")


def test_a_damaged_table_is_a_problem_and_no_broken_file(random: Any) -> None:
    server: WebServer = random.user.server
    for key in list(server.world.results.objects):
        if key.endswith(protocol.RESULT_VARIANTS):
            server.world.results.objects[key] = b"PAR1 but no more"
    problem(random.get("csv"), 409, "table-damaged")


def test_a_missing_vcf_is_a_problem(random: Any) -> None:
    objects = random.user.server.world.results.objects
    del objects[next(key for key in objects if key.endswith(protocol.RESULT_VCF))]
    problem(random.get("vcf"), 409, "result-missing")


def test_a_record_of_seventy_thousand_alleles_has_a_row_for_each(
    server: WebServer, tmp_path: Path
) -> None:
    alleles = [_allele(n) for n in range(70_000)]
    # Outside of the bundle's windows, so that there is nothing to say of each.
    source = vcf(tmp_path / "a.vcf", [f"21 10000 . C {','.join(alleles)} . . ."])
    exports = of(server, annotate(source, tmp_path / "r"))
    assert exports.get("csv", columns="alt").text.splitlines() == ["alt", *alleles]
    lines = exports.get("vcf", columns="alt").text.splitlines()
    assert [line.count(",") for line in lines if line.startswith("21")] == [69_999]
    assert exports.get("xlsx", columns="alt").data.startswith(b"PK")


def _allele(number: int) -> str:
    return "C" + "".join("ACGT"[number >> shift & 3] for shift in range(0, 18, 2))
