"""Consequences in a made-up genome, compared with those that the tests compute."""

from pathlib import Path

import pytest

from annotator.bundle import Bundle
from tests.support import synthetic_genome
from tests.support.annotation import Annotated, run, vcf

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
        # For introns the engine reports only the gene.
        if row["GENE"] == transcript.gene and row["TRANSCRIPT"] in {transcript.name, ""}:
            terms = terms_of.setdefault((int(row["POS"]), row["ALT"]), set())
            terms |= set(row["CONSEQUENCE"].split("&"))
    compared = 0
    for position, base in enumerate(genome[transcript.contig], start=1):
        for alt in set("ACGT") - {base}:
            wanted = synthetic_genome.consequence(genome, transcript, position, alt)
            if wanted:
                compared += 1
                # An intron is reported once for a gene, and not beside a more severe term.
                found_terms = terms_of.get((position, alt), {"intron_variant"})
                assert wanted in found_terms, (position, alt)
    assert compared >= 3 * (transcript.exons[-1][1] - transcript.exons[0][0]) - 3


def test_changes_between_genes_have_no_consequence(found: Annotated) -> None:
    spans = [(t.contig, t.exons[0][0], t.exons[-1][1]) for t in synthetic_genome.TRANSCRIPTS]
    for row in found.table:
        name, position = row["CHROM"], int(row["POS"])
        assert any(name == contig and start <= position <= end for contig, start, end in spans)


def test_parallel_parts_give_the_same_bytes(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = every_change(synthetic_genome.sequences(), "chr")
    texts = []
    for workers in (1, 3):
        folder = tmp_path / str(workers)
        folder.mkdir()
        done = run(
            vcf(*rows, header=HEADER),
            folder,
            bundle=bundle,
            workers=workers,
            smallest_part=1_000,
            smallest_slice=5_000,
        )
        texts.append((done.text, done.table, done.log, done.summary))
    assert texts[0] == texts[1]


def test_two_changes_of_one_codon_on_one_haplotype_are_annotated_together(
    bundle: Bundle, tmp_path: Path
) -> None:
    genome = synthetic_genome.sequences()["1"]
    first, second = 501, 502
    rows = [
        f"1\t{at}\t.\t{genome[at - 1]}\t{'A' if genome[at - 1] != 'A' else 'C'}\t.\t.\t.\tGT\t{gt}"
        for at, gt in ((first, "1|0\t0|1"), (second, "1|0\t1|0"))
    ]
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tboth\tapart"
    done = run(vcf(*rows, header=HEADER, columns=columns), tmp_path, bundle=bundle)
    joint = [row for row in done.table if "+" in row["DNA_CHANGE"]]
    alone = [row for row in done.table if row["DNA_CHANGE"] and "+" not in row["DNA_CHANGE"]]
    assert joint
    assert alone
