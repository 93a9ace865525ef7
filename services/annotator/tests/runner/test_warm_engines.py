"""Warm engines answer as an engine that is loaded in the process, and are kept within bounds."""

import gzip
import importlib.util
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.consequences.bundled import engine_of, version_of
from annotator.consequences.engine import Answer, DatabaseUnusable, Engine
from annotator.consequences.mehari_db import DATABASE
from annotator.consequences.pick import Selection
from annotator.consequences.transcript_store import FILE
from annotator.processes.pipes import EngineFailed
from annotator.runner import job, protocol
from annotator.runner.local_engine import LocalEngine
from annotator.runner.parent import annotate
from annotator.runner.warm import pool
from annotator.runner.warm.client import WarmEngine
from annotator.runner.warm.pool import WarmEngines
from annotator.runner.warm.process import CannotStart, WarmProcess

BUNDLES = ("human-mt", "grch38-21q21")
has_mehari = pytest.mark.skipif(
    importlib.util.find_spec("mehari") is None, reason="mehari has no package for this machine"
)


@pytest.fixture(scope="module")
def engines() -> Iterator[WarmEngines]:
    kept = WarmEngines(2, 4 << 30, servers=2)
    yield kept
    kept.stop()


@pytest.fixture
def copy(tmp_path: Path) -> Bundle:
    """A bundle whose files may be damaged."""
    return Bundle(shutil.copytree(bundles.find("human-mt").folder, tmp_path / "human-mt"))


def changes(bundle: Bundle, count: int, first: int = 0) -> pl.DataFrame:
    """SNVs at consecutive places of the first sequence that the bundle has."""
    contig = bundle.manifest.contigs[0]
    start = (contig.windows[0][0] if contig.windows else 1) + first
    fasta = bundle.reference.read_bytes().split(b"\n", 1)[1].replace(b"\n", b"")
    refs = fasta[start - 1 : start - 1 + count].decode().upper()
    return pl.DataFrame(
        {
            "contig": [contig.name] * count,
            "pos": range(start, start + count),
            "ref": list(refs),
            "alt": ["G" if base == "A" else "A" for base in refs],
            "record": range(count),
        }
    )


def vcf_of(alleles: pl.DataFrame, path: Path) -> Path:
    rows = "".join(
        f"{row['contig']}\t{row['pos']}\t.\t{row['ref']}\t{row['alt']}\t.\t.\t.\n"
        for row in alleles.iter_rows(named=True)
    )
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    path.write_text(head + rows)
    return path


def task_of(source: Path, bundle: Bundle, folder: Path, **more: int) -> protocol.Task:
    folder.mkdir()
    limits = {"max_inflated_bytes": 1 << 26, "max_seconds": 100, **more}
    return protocol.Task(
        input=str(source),
        filename="my.vcf",
        bundle=bundle.manifest.name,
        bundles=str(bundle.folder.parent),
        folder=str(folder),
        **limits,
    )


def run(task: protocol.Task, engines: WarmEngines | None = None) -> dict[str, int]:
    return annotate(task, on_tick=lambda *_: None, should_stop=lambda: False, engines=engines)


@pytest.mark.parametrize("name", BUNDLES)
def test_a_warm_engine_answers_as_a_local_one(name: str, engines: WarmEngines) -> None:
    bundle = bundles.find(name)
    alleles = changes(bundle, 3_000)
    local = LocalEngine(bundle).annotate(alleles)
    with engines.using(bundle) as connector:
        assert connector
        warm = WarmEngine(connector, version_of(bundle), 2).annotate(alleles)
    assert_frame_equal(warm.rows, local.rows)
    assert_frame_equal(warm.unanswered, local.unanswered, check_row_order=False)


@pytest.mark.parametrize("is_warm", [True, False])
def test_parts_side_by_side_give_what_one_part_gives(
    is_warm: bool, engines: WarmEngines, tmp_path: Path
) -> None:
    """With polars used before the parts are forked this would hang for ever."""
    bundle = bundles.find("human-mt")
    source = vcf_of(changes(bundle, 9_000), tmp_path / "in.vcf")
    kept = engines if is_warm else None
    results = []
    for workers in (1, 2):
        task = task_of(source, bundle, tmp_path / str(workers), workers=workers, smallest_part=1000)
        run(task, kept)
        results.append((Path(task.folder) / protocol.RESULT_TSV).read_bytes())
    assert len(set(map(gzip.decompress, results))) == 1


def test_an_engine_is_started_once_and_again_when_it_died(
    engines: WarmEngines, tmp_path: Path
) -> None:
    bundle = bundles.find("human-mt")
    source = vcf_of(changes(bundle, 50), tmp_path / "in.vcf")
    run(task_of(source, bundle, tmp_path / "1"), engines)
    before = [engine.process for engine in engines.running()]
    run(task_of(source, bundle, tmp_path / "2"), engines)
    assert [engine.process for engine in engines.running()] == before
    for process in before:
        os.kill(process, signal.SIGKILL)
    while engines.running():
        time.sleep(0.01)
    assert run(task_of(source, bundle, tmp_path / "3"), engines)["annotated"] == 50
    assert [engine.process for engine in engines.running()] != before


def test_the_engine_that_was_used_least_recently_ends() -> None:
    engines = WarmEngines(1, 4 << 30, servers=1)
    first, second = map(bundles.find, BUNDLES)
    with engines.using(first) as connector:
        assert connector
        with engines.using(second) as none:
            assert none is None, "the first one is in use: there is no place"
    with engines.using(second) as connector:
        assert connector
    assert [engine.bundle.manifest.name for engine in engines.running()] == [BUNDLES[1]]
    engines.stop()
    assert not engines.running()


def test_more_memory_than_allowed_is_given_back() -> None:
    engines = WarmEngines(2, 1, servers=1)
    with engines.using(bundles.find("human-mt")) as connector:
        assert connector
        assert engines.running()[0].memory_bytes() > 1 << 20
    assert not engines.running()


def test_no_warm_engines_are_kept_where_none_are_wished() -> None:
    with WarmEngines(0, 1, servers=1).using(bundles.find("human-mt")) as connector:
        assert connector is None


def test_where_no_warm_engine_starts_jobs_load_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object) -> WarmProcess:
        raise CannotStart("no memory")

    monkeypatch.setattr(pool, "WarmProcess", cannot)
    bundle = bundles.find("human-mt")
    source = vcf_of(changes(bundle, 50), tmp_path / "in.vcf")
    engines = WarmEngines(1, 4 << 30, servers=1)
    assert run(task_of(source, bundle, tmp_path / "out"), engines)["annotated"] == 50


@has_mehari
@pytest.mark.parametrize("is_warm", [True, False])
def test_a_damaged_database_is_named_with_what_to_do(
    is_warm: bool, copy: Bundle, tmp_path: Path
) -> None:
    database = copy.folder / DATABASE
    database.write_bytes(database.read_bytes()[:1000])
    source = vcf_of(changes(copy, 5), tmp_path / "in.vcf")
    engines = WarmEngines(1, 4 << 30, servers=1) if is_warm else None
    with pytest.raises(DatabaseUnusable, match="build the bundle again"):
        run(task_of(source, copy, tmp_path / "out"), engines)


def test_gene_models_of_another_version_are_named_with_what_to_do(
    copy: Bundle, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    frame = pl.read_parquet(copy.folder / FILE)
    frame.write_parquet(copy.folder / FILE, metadata={"gas_transcripts": "0"})
    engines = WarmEngines(1, 4 << 30, servers=2)
    engines.check([copy])
    assert "build the bundle again" in capfd.readouterr().out
    source = vcf_of(changes(copy, 5), tmp_path / "in.vcf")
    with pytest.raises(DatabaseUnusable, match="is of format 0"):
        run(task_of(source, copy, tmp_path / "out"), engines)


def test_an_engine_that_dies_under_a_job_costs_the_attempt_not_the_worker(tmp_path: Path) -> None:
    engines = WarmEngines(1, 4 << 30, servers=1)
    bundle = bundles.find("human-mt")
    source = vcf_of(changes(bundle, 50), tmp_path / "in.vcf")
    task = task_of(source, bundle, tmp_path / "1")
    with engines.using(bundle) as connector:
        assert connector
        os.kill(engines.running()[0].process, signal.SIGKILL)
        with pytest.raises(EngineFailed):
            WarmEngine(connector, "", 1).annotate(changes(bundle, 5))
    assert run(task, engines)["annotated"] == 50
    engines.stop()


class PickyEngine:
    """The real engine, but for a place at which it raises, as a bug of its would."""

    def __init__(self, real: Engine, place: int) -> None:
        self._real, self._place = real, place

    @property
    def version(self) -> str:
        return self._real.version

    def annotate(self, alleles: pl.DataFrame, transcripts: Selection = "all") -> Answer:
        if self._place in alleles["pos"].to_list():
            raise RuntimeError("no such place")
        return self._real.annotate(alleles, transcripts)


def test_an_engine_in_the_same_process_and_others_share_its_gene_models() -> None:
    bundle = bundles.find("human-mt")
    engine = LocalEngine(bundle)
    assert engine.annotate(changes(bundle, 5)).rows.height
    assert engine.__dict__["_engine"].models is engine.models


def test_a_record_on_which_the_engine_fails_is_named_in_the_log(tmp_path: Path) -> None:
    bundle = bundles.find("human-mt")
    source = vcf_of(changes(bundle, 200, first=3400), tmp_path / "in.vcf")
    engine = LocalEngine(bundle)
    engine.__dict__["_engine"] = PickyEngine(engine_of(bundle), 3460)
    task = task_of(source, bundle, tmp_path / "out")
    counts = job.annotate(task, engine, bundle, lambda *_: None)
    assert (counts["records"], counts["annotated"]) == (200, 199)
    log = (Path(task.folder) / protocol.RESULT_LOG).read_text()
    assert log.count("engine_failed") == 1
    assert "\tline 62\tthe consequence engine failed on it (RuntimeError: no such place)" in log
