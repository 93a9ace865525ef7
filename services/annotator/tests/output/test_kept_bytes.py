"""The user's bytes: what is kept, what is repaired, and that results are the same each time."""

import gzip
from pathlib import Path

import pysam
import pytest

from annotator import bundle as bundles
from annotator.commands import verdict
from tests.support.annotation import COLUMNS, HEADER, record, run, vcf, without_csq

DATA = Path(__file__).parent.parent / "data" / "grch38-21q21"
MISSENSE = "3460\t.\tG\tA"


@pytest.mark.parametrize("pack", ["plain", "gzip", "bgzip"])
def test_plain_and_compressed_files_give_the_same_result(pack: str, tmp_path: Path) -> None:
    plain = vcf(record(MISSENSE))
    content = gzip.compress(plain) if pack == "gzip" else plain
    if pack == "bgzip":
        (tmp_path / "plain").write_bytes(plain)
        pysam.tabix_compress(str(tmp_path / "plain"), str(tmp_path / "packed"))
        content = (tmp_path / "packed").read_bytes()
    (tmp_path / "one").mkdir()
    found, other = run(content, tmp_path), run(plain, tmp_path / "one")
    assert found.picked(0)["Amino_acids"] == "A/T"
    assert found.index.exists()
    assert (found.text, found.table) == (other.text, other.table)


def test_the_users_contig_names_order_and_fields_are_kept(tmp_path: Path) -> None:
    header = (
        "##fileformat=VCFv4.2\n##contig=<ID=chrM,length=16569>\n"
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="depth">\n'
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
    )
    rows = (
        "chrM\t3460\trs1\tG\tA\t50\tPASS\tDP=7\tGT\t1\t0",
        "chrM\t73\t.\tA\tG\t.\t.\tDP=9\tGT\t0/1\t1|1",
    )
    found = run(vcf(*rows, header=header, columns=f"{COLUMNS}\tFORMAT\tone\ttwo"), tmp_path)
    assert [fields[:7] for fields in found.records] == [
        ["chrM", "73", ".", "A", "G", ".", "."],
        ["chrM", "3460", "rs1", "G", "A", "50", "PASS"],
    ]
    assert found.records[1][7].startswith("DP=7;CSQ=A|")
    assert found.picked(1)["SYMBOL"] == "MT-ND1"
    assert found.records[1][8:] == ["GT", "1", "0"]
    assert "chrM” was read as MT" in found.log
    assert "were sorted" in found.log
    assert str(bundles.EMBEDDED) not in found.text  # no path of ours in the user's file


def test_every_byte_of_the_users_columns_is_kept(tmp_path: Path) -> None:
    header = HEADER + '##INFO=<ID=AF,Number=A,Type=Float,Description="f">\n'
    row = "MT\t3460\trs1;rs2\tg\ta\t50.00\tPASS\tAF=0.10000000001;NOTE=what%3Bever"
    found = run(vcf(row, header=header), tmp_path)
    fields = found.records[0]
    assert fields[:7] == row.split("\t")[:7]
    assert fields[7].startswith(row.split("\t")[7] + ";CSQ=")
    assert found.picked(0)["Consequence"] == "missense_variant"
    assert "##INFO=<ID=NOTE,Number=.,Type=String" in found.text


def test_a_missing_info_is_replaced_and_all_else_of_the_record_kept(tmp_path: Path) -> None:
    found = run(vcf(record(MISSENSE)), tmp_path)
    (fields,) = found.records
    assert "\t".join(without_csq(fields)[:7]) == "MT\t3460\t.\tG\tA\t.\t."
    assert fields[7].startswith("CSQ=")


def test_a_file_without_records_is_annotated(tmp_path: Path) -> None:
    found = run(vcf(), tmp_path)
    assert found.counts["records"] == 0
    assert "no variants in this file" in found.log
    assert found.fields[:2] == ("Allele", "Consequence")


def test_a_header_without_contigs_is_repaired(tmp_path: Path) -> None:
    found = run(vcf(record(MISSENSE), header="##fileformat=VCFv4.2\n"), tmp_path)
    assert found.counts["annotated"] == 1
    assert "##contig=<ID=MT,length=16569>" in found.text


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    content = vcf(record(MISSENSE)).replace(b"\n", b"\r\n")
    found = run(b"\xef\xbb\xbf" + content, tmp_path)
    assert found.counts["annotated"] == 1
    assert "\r" not in found.text


def test_a_result_does_not_depend_on_when_it_was_made(tmp_path: Path) -> None:
    changes = ("11778\t.\tG\tA", MISSENSE, "14484\t.\tT\tC", "8993\t.\tT\tG")
    shuffled = vcf(*(record(change, "chrM") for change in changes))  # sorted and renamed as well
    results = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        done = run(shuffled, tmp_path / name)
        files = sorted(path for path in done.path.parent.iterdir() if path.stem != "provenance")
        results.append({path.name: path.read_bytes() for path in files})
    assert results[0] == results[1]
    assert len(results[0]) > 4


def test_a_result_is_valid_by_our_own_check(tmp_path: Path) -> None:
    bundle = bundles.find("grch38-21q21")
    found = run((DATA / "sample.vcf").read_bytes(), tmp_path, bundle=bundle)
    judged = verdict(found.path, bundle)
    assert (judged["valid"], judged["repairs"]) == (True, [])
