"""Records with several alternate alleles are split on request, and only then."""

from pathlib import Path

from gas.events import FailureCode
from tests.support.annotation import HEADER, record, refusal, run, vcf

INFO = (
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="count">\n'
    '##INFO=<ID=AD,Number=R,Type=Integer,Description="depths">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
)
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts1\ts2"
SINGLE = "MT\t73\trs1\tA\tG\t50.00\tPASS\tAC=3;AD=1,2\tGT\t0/1\t1/1"
SEVERAL = "MT\t11778\t.\tG\tA,C\t9\tPASS\tAC=2,1;AD=5,6,7\tGT\t1/2\t0/1"


def test_every_allele_has_its_own_record_and_the_others_keep_their_bytes(tmp_path: Path) -> None:
    content = vcf(SINGLE, SEVERAL, header=HEADER + INFO, columns=COLUMNS)
    found = run(content, tmp_path, split_multiallelics=True)
    single, first, second = found.records
    assert single[:7] + single[8:] == SINGLE.split("\t")[:7] + SINGLE.split("\t")[8:]
    assert single[7].startswith("AC=3;AD=1,2")
    assert [first[4], second[4]] == ["A", "C"]
    assert first[7].startswith("AC=2;AD=5,6;OLD_MULTIALLELIC=MT|11778|G|A,C|1;")
    assert second[7].startswith("AC=1;AD=5,7;OLD_MULTIALLELIC=MT|11778|G|A,C|2;")
    assert [first[9:], second[9:]] == [["1/0", "0/1"], ["0/1", "0/0"]]
    assert [found.picked(n)["Amino_acids"] for n in (1, 2)] == ["R/H", "R/P"]
    assert {one["ALLELE_NUM"] for entries in found.csq for one in entries} == {"1"}
    assert found.counts["records"] == 3
    assert "##INFO=<ID=OLD_MULTIALLELIC," in found.text
    assert "1 records with several alternate alleles were split" in found.log
    assert any("norm -m -any" in command for command in found.provenance["commands"])


def test_nothing_is_split_by_default(tmp_path: Path) -> None:
    content = vcf(SINGLE, SEVERAL, header=HEADER + INFO, columns=COLUMNS)
    assert [fields[4] for fields in run(content, tmp_path).records] == ["G", "A,C"]


def test_an_unsorted_file_is_split_and_messages_keep_the_line_numbers_of_the_upload(
    tmp_path: Path,
) -> None:
    rows = [record("8993\t.\tT\tC,G"), record("3461\t.\tG\tA"), record("73\t.\tA\tC,G,T")]
    good = [record(f"{position}\t.\t{ref}\tG") for position, ref in ((263, "A"), (750, "A"))] * 9
    found = run(vcf(*rows, *good), tmp_path, split_multiallelics=True)
    shown = [(fields[1], fields[4]) for fields in found.records]
    assert shown[:3] == [("73", "C"), ("73", "G"), ("73", "T")]
    assert shown[-2:] == [("8993", "C"), ("8993", "G")]
    assert "line 5" in next(row for row in found.log.splitlines() if row.startswith("kept"))


def test_symbolic_alleles_and_wrong_numbers_of_values_are_split_as_far_as_possible(
    tmp_path: Path,
) -> None:
    content = vcf(
        "MT\t73\t.\tA\tG,<DEL>\t.\t.\tAC=1", "MT\t263\t.\tA\tG,*\t.\t.\tXX=1", header=HEADER + INFO
    )
    found = run(content, tmp_path, split_multiallelics=True)
    assert [fields[4] for fields in found.records] == ["G", "<DEL>", "G", "*"]


def test_records_that_bcftools_cannot_split_are_reported_with_what_to_do(tmp_path: Path) -> None:
    line = "MT\t73\t.\tA\tG,C\t.\t.\t.\tGT:DP\t0/1\t1:1:1"
    rejected = refusal(
        vcf(line, header=HEADER + INFO, columns=COLUMNS), tmp_path, split_multiallelics=True
    )
    assert rejected.code is FailureCode.INVALID_VCF
    assert "(Incorrect number of FORMAT fields at MT:73)" in rejected.message
    assert "Submit the file again without splitting" in rejected.message
