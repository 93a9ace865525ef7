"""Consequences in a made-up genome, compared with those that the tests compute."""

import pytest

from annotator.bundle import Bundle
from tests.support import synthetic_genome
from tests.support.annotation import Annotated, run, vcf
from tests.support.synthetic_genome import TRANSCRIPTS

HEADER = "##fileformat=VCFv4.2\n"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return synthetic_genome.build_bundle(tmp_path_factory.mktemp("synthetic"))


def every_change(genome: dict[str, str], prefix: str = "") -> list[str]:
    return [
        f"{prefix}{contig}\t{position}\t.\t{base}\t{alt}\t.\t.\t."
        for contig, bases in genome.items()
        for position, base in enumerate(bases, start=1)
        for alt in "ACGT"
        if alt != base
    ]


@pytest.fixture(scope="module")
def found(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Annotated:
    rows = every_change(synthetic_genome.sequences())
    return run(vcf(*rows, header=HEADER), tmp_path_factory.mktemp("all"), bundle=bundle)


@pytest.mark.parametrize("transcript", synthetic_genome.TRANSCRIPTS, ids=lambda one: one.name)
def test_every_change_has_the_consequence_that_the_test_computes(
    transcript: synthetic_genome.Transcript, found: Annotated
) -> None:
    genome = synthetic_genome.sequences()
    terms_of: dict[tuple[int, str], set[str]] = {}
    for row in found.table:
        if row["TRANSCRIPT"] == transcript.name:
            terms_of[int(row["POS"]), row["ALT"]] = set(row["CONSEQUENCE"].split("&"))
    compared = 0
    for position, base in enumerate(genome[transcript.contig], start=1):
        for alt in set("ACGT") - {base}:
            wanted = synthetic_genome.consequence(genome, transcript, position, alt)
            if wanted:
                compared += 1
                assert wanted in terms_of[position, alt], (position, alt)
    assert compared >= 3 * (transcript.exons[-1][1] - transcript.exons[0][0]) - 3


def test_changes_outside_of_genes_are_up_or_downstream_of_them(found: Annotated) -> None:
    spans = {t.name: (t.exons[0][0], t.exons[-1][1], t.strand) for t in TRANSCRIPTS}
    outside = 0
    for row in found.table:
        start, end, strand = spans[row["TRANSCRIPT"]]
        position = int(row["POS"])
        if start <= position <= end:
            continue
        outside += 1
        is_before = (position < start) == (strand == "+")
        wanted = "upstream_gene_variant" if is_before else "downstream_gene_variant"
        assert row["CONSEQUENCE"] == wanted
    assert outside > 10_000
