"""An engine that is asked in chunks gives what it gives when asked at once."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from annotator import bundle as bundles
from annotator.consequences.bundled import engine_of
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
    cut = chunks.ask(engine, alleles, "all")
    assert cut.rows.equals(whole.rows)
    assert cut.unanswered.equals(whole.unanswered)
    assert whole.unanswered.height >= 40
