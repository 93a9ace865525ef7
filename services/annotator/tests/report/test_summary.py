"""The summary: types of changes, consequences by worst and by pick, genes."""

from pathlib import Path

import pytest

from annotator import bundle as bundles
from annotator.consequences.bundled import version_of
from annotator.report.changes import variant_type
from annotator.report.summary import MOST_CONTIGS
from tests.support.annotation import HAS_HGVS, HEADER, record, run, vcf


@pytest.mark.parametrize(
    ("ref", "alt", "kind"),
    [
        ("A", "G", "SNV"),
        ("AT", "GC", "MNV"),
        ("A", "AT", "insertion"),
        ("AT", "A", "deletion"),
        ("AT", "GCC", "indel"),
        ("A", "<DEL>", "symbolic"),
        ("A", ".", "none"),
    ],
)
def test_a_change_has_the_type_of_its_alleles(ref: str, alt: str, kind: str) -> None:
    assert variant_type(ref, alt) == kind


def test_genes_near_a_variant_are_not_counted_as_affected(tmp_path: Path) -> None:
    found = run(vcf(record("300\t.\tA\tC"), record("3460\t.\tG\tA")), tmp_path)
    assert {entry["SYMBOL"] for entry in found.csq[1]} > {"MT-ND1", "MT-ND2"}
    assert found.summary["genes"] == {"MT-ND1": 1}
    assert found.counts["genes"] == 1


def test_engine_and_gene_models_are_named(tmp_path: Path) -> None:
    found = run(vcf(record("3460\t.\tG\tA")), tmp_path)
    bundle = bundles.find("human-mt")
    engine, models = version_of(bundle), bundle.manifest.source
    assert (found.summary["engine"], found.summary["gene_models"]) == (engine, models)
    assert f"engine\t{engine}\ngene models\t{models}\n" in found.log
    assert f"({engine})" in next(line for line in found.text.splitlines() if "##VEP=" in line)
    assert ("HGVSc and HGVSp are empty" in found.log) is not HAS_HGVS
    assert all(bool(entry["HGVSc"]) is HAS_HGVS for entry in found.near(0))


def test_of_very_many_contigs_those_with_the_most_records_are_listed(tmp_path: Path) -> None:
    records = [
        f"scaffold{n}\t{at}\t.\tA\tC\t.\t.\t." for n in range(150) for at in range(1, 2 + n % 7)
    ]
    header = HEADER + "".join(f"##contig=<ID=scaffold{n},length=1000>\n" for n in range(150))
    found = run(vcf(record("3460\t.\tG\tA"), *records, header=header), tmp_path).summary
    assert len(found["contigs"]) == len(found["density"]["counts"]) == MOST_CONTIGS
    assert found["contigs_left_out"] == 151 - MOST_CONTIGS
    assert min(found["contigs"].values()) >= 3
    assert all(sum(found["density"]["counts"][name]) == n for name, n in found["contigs"].items())
