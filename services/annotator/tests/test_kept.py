"""Records that the engine cannot judge stay in the result, and the log says why."""

import sys
from hashlib import sha256
from pathlib import Path

import pytest

from gas.events import FailureCode
from tests.annotation import COLUMNS, HEADER, record, refusal, run, vcf

GOOD = [record(f"{position}\t.\t{ref}\t{alt}") for position, ref, alt in (
    (73, "A", "G"), (263, "A", "G"), (750, "A", "G"), (1438, "A", "G"), (3460, "G", "A"),
    (4769, "A", "G"), (7028, "C", "T"), (8860, "A", "G"), (11719, "G", "A"), (11778, "G", "A"),
    (12705, "C", "T"), (14484, "T", "C"), (14766, "C", "T"), (15326, "A", "G"), (15452, "C", "A"),
    (16126, "T", "C"), (16189, "T", "C"), (16223, "C", "T"), (16294, "C", "T"), (16311, "T", "C"),
    (16519, "T", "C"),
)]  # fmt: skip
KEPT = {
    "another REF": ("MT\t3461\t.\tG\tA\t9\tPASS\tX=1", "REF is not what the reference has"),
    "ambiguous ALT": ("MT\t3461\t.\tC\tR\t.\t.\t.", "ambiguous"),
    "ALT like REF": ("MT\t3461\t.\tC\tC\t.\t.\t.", "the same as REF"),
    "a deletion without its end": ("MT\t3461\t.\tC\t<DEL>\t.\t.\tSVTYPE=DEL", "symbolic"),
    "a gVCF block": ("MT\t3461\t.\tC\t<NON_REF>\t.\t.\tEND=3470", "symbolic"),
    "the telomere before": ("MT\t0\t.\tC\tA\t.\t.\t.", "telomere"),
    "the telomere behind": ("MT\t16570\t.\tC\tA\t.\t.\t.", "telomere"),
    "another contig": ("chr7\t3461\t.\tC\tA\t.\t.\t.", "not in the reference bundle"),
}


@pytest.mark.parametrize(("line", "reason"), KEPT.values(), ids=KEPT)
def test_what_cannot_be_judged_is_kept_as_it_is_with_line_and_reason(
    line: str, reason: str, tmp_path: Path
) -> None:
    at = 21 if line.startswith("chr7") else 5
    rows = [*GOOD[:at], line, *GOOD[at:]]
    found = run(vcf(*rows), tmp_path)
    assert ["\t".join(fields) for fields in found.records].count(line) == 1
    assert found.counts["records"] == len(rows)
    noted = [row for row in found.log.splitlines() if row.startswith(("kept", "limited"))]
    assert len(noted) == 1
    assert f"line {at + 4}" in noted[0]
    assert reason in noted[0]
    assert found.index.exists()


def test_an_allele_made_of_bases_beside_a_symbol_is_judged(tmp_path: Path) -> None:
    found = run(vcf(*GOOD[:4], "MT\t3460\t.\tG\tA,<NON_REF>\t.\t.\t."), tmp_path)
    assert "missense_variant" in found.records[-1][7]


def test_a_site_without_an_alternate_allele_is_no_fault(tmp_path: Path) -> None:
    found = run(vcf(*GOOD[:4], "MT\t3460\t.\tG\t.\t.\t.\t."), tmp_path)
    assert found.records[-1][7] == "."
    assert not [row for row in found.log.splitlines() if row.startswith("kept")]


def test_a_file_on_other_contigs_alone_is_of_another_build(tmp_path: Path) -> None:
    rejected = refusal(vcf(record("1\t.\tA\tC", "chr7"), record("2\t.\tA\tC", "chr8")), tmp_path)
    assert (rejected.code, rejected.line) == (FailureCode.WRONG_BUILD, 4)
    assert "chr7" in rejected.message


def test_many_other_references_are_another_build(tmp_path: Path) -> None:
    wrong = [record(f"{position}\t.\tN\tA").replace("N", "ACGT"[position % 4]) for position in
             range(100, 140)]  # fmt: skip
    rejected = refusal(vcf(*wrong), tmp_path)
    assert rejected.code is FailureCode.WRONG_BUILD
    assert "the first is REF" in rejected.message


def test_repeated_records_have_the_same_consequence(tmp_path: Path) -> None:
    row = "MT\t3460\t.\tG\tA\t.\t.\t.\tGT\t0/1"
    found = run(vcf(row, row, columns=f"{COLUMNS}\tFORMAT\ts"), tmp_path)
    assert found.records[0] == found.records[1]
    assert "missense_variant" in found.records[1][7]


def test_what_nobody_carries_and_what_overlaps_is_judged_by_itself(tmp_path: Path) -> None:
    rows = (
        "MT\t3460\t.\tG\tA\t.\t.\t.\tGT\t0/0",
        "MT\t11778\t.\tG\tA\t.\t.\t.\tGT\t0/1",
        "MT\t11778\t.\tG\tC\t.\t.\t.\tGT\t0/1",
    )
    found = run(vcf(*rows, columns=f"{COLUMNS}\tFORMAT\ts"), tmp_path)
    assert [fields[7].split("|")[5] for fields in found.records] == [
        "52A>52T",
        "340R>340H",
        "340R>340P",
    ]


def test_every_byte_of_the_users_columns_is_kept(tmp_path: Path) -> None:
    header = HEADER + '##INFO=<ID=AF,Number=A,Type=Float,Description="f">\n'
    row = "MT\t3460\trs1;rs2\tg\ta\t50.00\tPASS\tAF=0.10000000001;NOTE=what%3Bever"
    found = run(vcf(row, header=header), tmp_path)
    fields = found.records[0]
    assert fields[:7] == row.split("\t")[:7]
    assert fields[7].startswith(row.split("\t")[7] + ";BCSQ=")
    assert "##INFO=<ID=NOTE,Number=.,Type=String" in found.text


def test_keys_of_the_users_own_are_not_overwritten(tmp_path: Path) -> None:
    header = HEADER + '##INFO=<ID=BCSQ,Number=1,Type=String,Description="mine">\n'
    found = run(vcf("MT\t3460\t.\tG\tA\t.\t.\tBCSQ=mine", header=header), tmp_path)
    assert found.records[0][7].startswith("BCSQ=mine;GAS_BCSQ=missense_variant|")
    assert "##INFO=<ID=GAS_BCSQ," in found.text


def test_the_provenance_says_how_to_make_the_result_again(tmp_path: Path) -> None:
    found = run(vcf(*GOOD), tmp_path)
    assert (
        found.provenance["input"]["sha256"] == sha256((tmp_path / "input").read_bytes()).hexdigest()
    )
    (commands,) = found.provenance["commands"]
    assert commands.startswith("bcftools csq -f reference.fa -g genes.gff3 -C 2")
    assert sys.prefix not in commands
    assert found.provenance["bundle"]["sha256"]["reference.fa"]
    assert found.provenance["bundle"]["known"][0]["name"] == "mitomap"


def test_known_pathogenic_variants_are_named_with_their_disease(tmp_path: Path) -> None:
    found = run(vcf(*GOOD), tmp_path)
    assert "MITOMAP_DISEASE=LHON;MITOMAP_STATUS=Confirmed" in next(
        fields[7] for fields in found.records if fields[1] == "11778"
    )
    assert found.counts["pathogenic"] == found.summary["known_pathogenic"] == 3
    (row,) = [row for row in found.table if row["POS"] == "11778"]
    assert row["CONSEQUENCE"] == "missense_variant"
    assert (row["SO_ID"], row["IMPACT"]) == ("SO:0001583", "MODERATE")
    assert (row["GENE"], row["AMINO_ACIDS"]) == ("MT-ND4", "340R>340H")
    assert row["MITOMAP_DISEASE"] == "LHON"
