"""Well-known variants of the mitochondrion have the consequences that the literature names."""

from pathlib import Path

import pysam
import pytest

from annotator import bundle as bundles
from tests.support.annotation import Annotated, hgvs, record, run, vcf

KNOWN = {
    "11778\t.\tG\tA": ("MT-ND4", "340", "R/H", "p.Arg340His"),
    "3460\t.\tG\tA": ("MT-ND1", "52", "A/T", "p.Ala52Thr"),
    "14484\t.\tT\tC": ("MT-ND6", "64", "M/V", "p.Met64Val"),
    "8993\t.\tT\tG": ("MT-ATP6", "156", "L/R", "p.Leu156Arg"),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Annotated:
    return run(vcf(*(record(change) for change in sorted(KNOWN))), tmp_path_factory.mktemp("known"))


@pytest.mark.parametrize("change", KNOWN)
def test_the_known_pathogenic_variants_have_the_right_consequences(
    change: str, found: Annotated
) -> None:
    gene, codon, residues, name = KNOWN[change]
    (number,) = (n for n, row in enumerate(found.records) if "\t".join(row[1:5]) == change)
    picked = found.picked(number)
    assert (picked["SYMBOL"], picked["Protein_position"]) == (gene, codon)
    assert (picked["Amino_acids"], picked["BIOTYPE"]) == (residues, "protein_coding")
    assert (picked["Consequence"], picked["IMPACT"]) == ("missense_variant", "MODERATE")
    assert picked["HGVSp"] == hgvs(f"{gene}:{name}")


def test_they_are_counted(found: Annotated) -> None:
    assert found.counts["records"] == found.counts["annotated"] == 4
    assert found.counts["genes"] == 4
    assert found.counts["pathogenic"] == found.summary["known_pathogenic"] == 4
    assert found.summary["consequences_by_worst"] == {"missense_variant": 4}
    assert found.summary["consequences_by_pick"] == {"missense_variant": 4}
    assert found.summary["consequences"]["missense_variant"] == 4
    assert found.summary["impacts"] == {"MODERATE": 4}


def test_every_mitochondrial_gene_is_in_the_bundle_and_translates() -> None:
    bundle = bundles.find("human-mt")
    genes = [line.split("\t") for line in bundle.genes.read_text().splitlines() if line[0] != "#"]
    assert sum(fields[2] in {"gene", "ncRNA_gene"} for fields in genes) == 37
    with pysam.FastaFile(str(bundle.reference)) as fasta:
        sequence = fasta.fetch("MT")
    assert len(sequence) == bundle.manifest.contigs[0].length
    for fields in (fields for fields in genes if fields[2] == "CDS"):
        start, end = int(fields[3]) - 1, int(fields[4])
        coding = sequence[start:end]
        if fields[6] == "-":
            coding = coding[::-1].translate(str.maketrans("ACGT", "TGCA"))
        codons = [coding[at : at + 3] for at in range(0, len(coding) - len(coding) % 3, 3)]
        # Vertebrate mitochondrial code: TGA is tryptophan, AGA and AGG stop.
        stops = [codon in {"TAA", "TAG", "AGA", "AGG"} for codon in codons]
        assert not any(stops[:-1]), fields[8]
        assert codons[0] in {"ATG", "ATA", "ATT", "GTG"}, fields[8]


def test_variants_without_samples_are_annotated_one_by_one(tmp_path: Path) -> None:
    found = run(vcf(record("11777\t.\tC\tA"), record("11778\t.\tG\tA")), tmp_path)
    assert [found.picked(n)["Amino_acids"] for n in (0, 1)] == ["R/S", "R/H"]
