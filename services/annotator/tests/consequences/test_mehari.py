"""mehari as an engine: what it is kept from, what it lacks, and where it cannot run."""

import logging
import random
import sys
from pathlib import Path

import polars as pl
import pytest

from annotator.consequences import alleles as allele_checks
from annotator.consequences import gff3, mehari_db, noise, transcript_table
from annotator.consequences.engine import DatabaseUnusable, EngineMissing
from annotator.consequences.gene_model_engine import GeneModelEngine, GeneModels
from annotator.consequences.genome import Genome
from annotator.consequences.introns import names_in_introns
from annotator.consequences.mehari import MehariEngine
from annotator.consequences.transcript_table import TranscriptTable
from tests.support.consequences import made_up

SEED = 11
NAMES = {made_up.CONTIG: made_up.CONTIG}


def table_of(made: made_up.MadeUp) -> tuple[TranscriptTable, Genome]:
    genome = Genome(made.reference)
    return transcript_table.build(list(gff3.read(made.genes, NAMES)), genome.names, {}), genome


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> made_up.MadeUp:
    return made_up.write(tmp_path_factory.mktemp("made-up"), SEED, genes=6)


@pytest.fixture(scope="module")
def engine(made: made_up.MadeUp, tmp_path_factory: pytest.TempPathFactory) -> MehariEngine:
    pytest.importorskip("mehari")
    table, genome = table_of(made)
    folder = tmp_path_factory.mktemp("database")
    database = mehari_db.build(table, genome, "GRCh38", folder)
    assert [path.name for path in folder.iterdir()] == [mehari_db.DATABASE]
    return MehariEngine(GeneModels(table, genome), database, made.reference)


def alleles(made: made_up.MadeUp, count: int) -> pl.DataFrame:
    print(f"seed {SEED}")
    spans = [(start, start + 49) for start in range(1, len(made.sequence) - 50, 50)]
    changes = made_up.changes(random.Random(SEED), made.sequence, spans, count)
    rows = [(made_up.CONTIG, *change) for change in changes]
    return pl.DataFrame(rows, schema=["contig", "pos", "ref", "alt"], orient="row")


def test_without_mehari_the_message_says_what_to_do(
    made: made_up.MadeUp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mehari", None)
    table, genome = table_of(made)
    with pytest.raises(EngineMissing, match="Linux on x86_64 with Python"):
        mehari_db.build(table, genome, "GRCh38", tmp_path)
    with pytest.raises(EngineMissing):
        MehariEngine(GeneModels(table, genome), tmp_path / "none", made.reference)


def test_without_mehari_all_but_its_fields_is_the_same(
    made: made_up.MadeUp, engine: MehariEngine
) -> None:
    asked = alleles(made, 500)
    with_names = engine.annotate(asked).rows
    without = GeneModelEngine(engine.models).annotate(asked).rows
    own = {"HGVSc", "HGVSp", "HGVS_OFFSET", "GAS_so_terms"}
    assert set(with_names.columns) - set(without.columns) == own
    assert with_names.drop(own).equals(without.select(with_names.drop(own).columns))
    assert with_names["HGVSc"].is_not_null().sum() > 50


def test_names_in_introns_are_those_that_mehari_gives(
    made: made_up.MadeUp, engine: MehariEngine
) -> None:
    other = {"A": "G", "C": "T", "G": "A", "T": "C"}
    places = enumerate(made.sequence.upper(), start=1)
    rows = [(made_up.CONTIG, at, base, other[base]) for at, base in places if at % 3 == 0]
    asked = pl.DataFrame(rows, schema=["contig", "pos", "ref", "alt"], orient="row")
    checked, _ = allele_checks.check(asked, engine.models.genome)
    inside = engine.models.answers(checked).inside
    ours = names_in_introns(engine.models.table, checked, inside)
    assert ours.names.str.contains(r"\+").any()
    assert ours.names.str.contains(r"\d-").any()
    theirs = {
        (row["allele"], row["transcript"]): (row["hgvs_c"], row["terms"])
        for row in engine._ask(asked).iter_rows(named=True)
    }
    places_of = zip(
        inside.allele[ours.pairs].tolist(), inside.transcript[ours.pairs].tolist(), strict=True
    )
    told = [theirs[checked.row[allele], transcript] for allele, transcript in places_of]
    assert list(zip(ours.names, ours.terms, strict=True)) == told


def test_a_damaged_database_says_what_to_do(made: made_up.MadeUp, tmp_path: Path) -> None:
    pytest.importorskip("mehari")
    table, genome = table_of(made)
    database = tmp_path / mehari_db.DATABASE
    database.write_bytes(b"no database")
    with pytest.raises(DatabaseUnusable, match="build the bundle again"):
        MehariEngine(GeneModels(table, genome), database, made.reference)


def test_odd_alleles_do_not_reach_mehari(made: made_up.MadeUp, engine: MehariEngine) -> None:
    good = alleles(made, 20)
    odd = good.with_columns(
        pl.Series(
            "alt", ["*", "<DEL>", "<*>", "<NON_REF>", "N", ".", "", "]21:9]A", "ACGTN", "-"] * 2
        )
    )
    wrong = good.with_columns(pl.lit("A" * 50).alias("ref"))
    answer = engine.annotate(pl.concat([odd, good, wrong]))
    assert answer.unanswered["row"].to_list() == [*range(20), *range(40, 60)]
    alone = engine.annotate(good).rows
    assert answer.rows.drop("row").equals(alone.drop("row"))


def test_what_mehari_logs_is_counted_and_bounded() -> None:
    kept = noise.heard()
    kept.clear()
    for number in range(1000):
        logging.getLogger("mehari.somewhere").warning("odd transcript %d", number)
    assert kept is noise.heard()
    assert kept.count == 1000
    assert len(kept.first) == noise.MOST_KEPT
    kept.clear()


def test_the_database_is_the_same_each_time(made: made_up.MadeUp, tmp_path: Path) -> None:
    pytest.importorskip("mehari")
    table, genome = table_of(made)
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        mehari_db.build(table, genome, "GRCh38", tmp_path / name)
    asked = alleles(made, 200)
    answers = [
        MehariEngine(
            GeneModels(table, genome), tmp_path / name / mehari_db.DATABASE, made.reference
        ).annotate(asked)
        for name in ("first", "second")
    ]
    assert answers[0].rows.equals(answers[1].rows)
