"""An engine that is asked in chunks gives what it gives when asked at once."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from annotator import bundle as bundles
from annotator.consequences.bundled import engine_of
from annotator.consequences.engine import CHUNK_ROWS, Answer
from annotator.consequences.pick import Selection
from annotator.runner import chunks

RANDOM = Path(__file__).parent.parent / "data" / "grch38-21q21" / "random.vcf.gz"


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_the_answer_does_not_depend_on_the_chunks(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_of(bundles.find("grch38-21q21"))
    with gzip.open(RANDOM, "rt") as lines:
        rows = [line.split("\t")[:5] for line in lines if not line.startswith("#")][:40]
    alleles = pl.DataFrame(
        [
            (number, contig, int(position), ref, allele)
            for number, (contig, position, _, ref, alt) in enumerate(rows)
            for allele in (alt, "N", ref[0] + "ACGT")
        ],
        schema=["record", "contig", "pos", "ref", "alt"],
        orient="row",
    )
    whole = engine.annotate(alleles)
    monkeypatch.setattr(chunks, "CHUNK_ROWS", size)
    cut = chunks.Chunks(engine, "all").ask(alleles)
    assert cut.rows.equals(whole.rows)
    assert cut.unanswered.equals(whole.unanswered)
    assert whole.unanswered.height >= 40


class _Crowded:
    """An engine that has so many entries for each allele."""

    version = "none"

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self.asked: list[int] = []

    def annotate(self, alleles: pl.DataFrame, transcripts: Selection = "all") -> Answer:
        assert transcripts == "all"
        self.asked.append(alleles.height)
        rows = [number for number in range(alleles.height) for _ in range(self._entries)]
        nothing = pl.DataFrame(schema={"row": pl.Int64, "reason": pl.String})
        return Answer(pl.DataFrame({"row": rows}, schema={"row": pl.Int64}), nothing)


def test_chunks_grow_where_alleles_have_few_entries_and_stay_small_where_they_have_many() -> None:
    alleles = pl.DataFrame({"record": range(150_000)})
    few, many = _Crowded(1), _Crowded(20)
    answer = chunks.Chunks(few, "all").ask(alleles)
    assert answer.rows["row"].to_list() == list(range(150_000))
    assert few.asked == [CHUNK_ROWS, 2 * CHUNK_ROWS, chunks.MOST_ROWS, CHUNK_ROWS]
    asker = chunks.Chunks(many, "all")
    asker.ask(alleles[:1])
    asker.ask(alleles[:15_000])
    assert max(many.asked) <= CHUNK_ROWS / 2


def test_blocks_are_shorter_where_alleles_have_many_entries() -> None:
    alleles = pl.DataFrame({"record": range(100)})
    few, many = chunks.Chunks(_Crowded(1), "all"), chunks.Chunks(_Crowded(20), "all")
    assert few.block_share == many.block_share == 0.5  # before anything is known
    few.ask(alleles)
    many.ask(alleles)
    assert few.block_share == 1
    assert many.block_share < 0.1
    few.ask(alleles[:0])
    assert few.block_share == 1


def test_a_record_with_more_alleles_than_a_chunk_is_asked_about_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 2)
    engine = _Crowded(200_000)
    alleles = pl.DataFrame({"record": [0, 1, 1, 1, 1, 2, 3]})
    rows = chunks.Chunks(engine, "all").ask(alleles).rows["row"]
    assert engine.asked == [1, 4, 1, 1]
    assert rows.unique().sort().to_list() == list(range(7))
