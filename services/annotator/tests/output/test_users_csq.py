"""Files that another program annotated before: its fields stay, under another name."""

from pathlib import Path

import pysam
import pytest

from tests.support.annotation import Annotated, info_of, run, vcf

FIELD = (
    '##INFO=<ID={},Number=.,Type=String,Description="Consequences. Format: Allele|Consequence">\n'
)
HEADER = '##fileformat=VCFv4.2\n##contig=<ID=MT,length=16569>\n##VEP="v110" time="2024-01-01"\n'
OLD = "A|their_own_term,C|other"


def annotated(folder: Path, *rows: str, meta: str, split_multiallelics: bool = False) -> Annotated:
    content = vcf(*rows, header=HEADER + meta)
    return run(content, folder, split_multiallelics=split_multiallelics)


def row(info: str, change: str = "3460\t.\tG\tA") -> str:
    return f"MT\t{change}\t.\t.\t{info}"


@pytest.mark.parametrize("key", ["CSQ", "ANN", "BCSQ", "CSQ_OLD"])
def test_a_key_that_readers_take_for_csq_is_renamed(key: str, tmp_path: Path) -> None:
    found = annotated(tmp_path, row(f"X=1;{key}={OLD};Y=2"), meta=FIELD.format(key))
    info = info_of(found.records[0])
    assert info[f"INPUT_{key}_FIELD"] == OLD
    assert found.records[0][7].startswith(f"X=1;INPUT_{key}_FIELD={OLD};Y=2;CSQ=A|")
    assert found.picked(0)["Consequence"] == "missense_variant"
    ids = [
        line.split("ID=")[1].split(",")[0] for line in found.text.splitlines() if "INFO=" in line
    ]
    assert [id for id in ids if id.startswith("CSQ") or id.endswith("CSQ") or id == "ANN"] == [
        "CSQ"
    ]
    assert f"INFO/{key} of the upload was renamed INPUT_{key}_FIELD" in found.log
    assert found.counts["repairs"] == 2  # the key, and the line of VEP's


def test_a_file_has_one_line_of_vep_about_itself(tmp_path: Path) -> None:
    found = annotated(tmp_path, row(f"CSQ={OLD}"), meta=FIELD.format("CSQ"))
    assert "##VEP of the upload was renamed" in found.log
    assert [line for line in found.text.splitlines() if "VEP=" in line] == [
        '##INPUT_VEP="v110" time="2024-01-01"',
        next(line for line in found.text.splitlines() if line.startswith("##VEP=")),
    ]


def test_a_key_that_the_header_does_not_define_is_renamed_too(tmp_path: Path) -> None:
    found = annotated(tmp_path, row(f"CSQ={OLD}"), row("."), meta="")
    assert [info_of(fields).get("INPUT_CSQ_FIELD") for fields in found.records] == [OLD, None]
    assert "##INFO=<ID=INPUT_CSQ_FIELD," in found.text
    assert len(found.near(0)) == len(found.near(1)) == 1


def test_only_keys_of_info_are_renamed(tmp_path: Path) -> None:
    line = "MT\t3460\tCSQ;ANN\tG\tA\t.\t.\tX=CSQ;CSQ;NOT_CSQX=1;ANN=2"
    found = annotated(tmp_path, line, meta=FIELD.format("CSQ") + FIELD.format("ANN"))
    fields = found.records[0]
    assert fields[2] == "CSQ;ANN"
    assert fields[7].startswith("X=CSQ;INPUT_CSQ_FIELD;NOT_CSQX=1;INPUT_ANN_FIELD=2;CSQ=A|")


def test_renaming_survives_sorting_and_splitting(tmp_path: Path) -> None:
    rows = row(f"CSQ={OLD}", "8993\t.\tT\tC,G"), row("CSQ=first")
    found = annotated(tmp_path, *rows, meta=FIELD.format("CSQ"), split_multiallelics=True)
    olds = [info_of(fields)["INPUT_CSQ_FIELD"] for fields in found.records]
    assert olds == ["first", OLD, OLD]


def test_a_result_that_is_annotated_again_is_well_formed(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first = run(vcf(row("DP=3")), tmp_path)
    again = run(first.text.encode(), tmp_path / "again")
    assert info_of(again.records[0])["INPUT_CSQ_FIELD"] == info_of(first.records[0])["CSQ"]
    assert again.csq == first.csq
    with pysam.VariantFile(str(again.path)) as file:
        assert {"CSQ", "INPUT_CSQ_FIELD"} <= set(file.header.info)


STATUS = '##INFO=<ID=MITOMAP_STATUS,Number=1,Type=String,Description="mine">\n'


@pytest.mark.parametrize("meta", [STATUS, ""], ids=["defined", "not defined"])
def test_our_other_keys_give_way_to_the_users(meta: str, tmp_path: Path) -> None:
    found = annotated(tmp_path, row("MITOMAP_STATUS=mine"), meta=meta)
    info = info_of(found.records[0])
    assert (info["MITOMAP_STATUS"], info["GAS_MITOMAP_STATUS"]) == ("mine", "Confirmed")
    assert "##INFO=<ID=GAS_MITOMAP_STATUS," in found.text
