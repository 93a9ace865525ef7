"""Records that cannot be annotated stay in the result, and the log gives the reason."""

import json
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from annotator import bundle as bundles
from annotator.consequences.bundled import version_of
from gas.events import FailureCode
from tests.support.annotation import COLUMNS, HEADER, hgvs, record, refusal, run, vcf

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
    "POS beyond the end": ("MT\t16571\t.\tC\tA\t.\t.\t.", "beyond the end of the contig"),
    "no REF": ("MT\t3461\t.\t.\tA\t.\t.\t.", "cannot be read as alleles"),
    "REF of digits": ("MT\t3461\t.\tC1\tA\t.\t.\t.", "cannot be read as alleles"),
    "ALT of digits": ("MT\t3461\t.\tC\t12\t.\t.\t.", "cannot be read as alleles"),
    "a breakend that is not closed": ("MT\t3461\t.\tC\tC[MT:9\t.\t.\t.", "cannot be read as"),
    "another contig": ("chr7\t3461\t.\tC\tA\t.\t.\t.", "not in the reference bundle"),
}


@pytest.mark.parametrize(("line", "reason"), KEPT.values(), ids=KEPT)
def test_a_record_without_consequences_is_kept_unchanged_with_line_and_reason(
    line: str, reason: str, tmp_path: Path
) -> None:
    at = 21 if line.startswith("chr7") or "16571" in line else 5
    rows = [*GOOD[:at], line, *GOOD[at:]]
    found = run(vcf(*rows), tmp_path)
    assert ["\t".join(fields) for fields in found.records].count(line) == 1
    assert found.counts["records"] == len(rows)
    noted = [row for row in found.log.splitlines() if row.startswith(("kept", "limited"))]
    assert len(noted) == 1
    assert f"line {at + 4}" in noted[0]
    assert reason in noted[0]
    assert found.index.exists()


def test_an_allele_of_bases_beside_a_symbolic_one_is_annotated(tmp_path: Path) -> None:
    found = run(vcf(*GOOD[:4], "MT\t3460\t.\tG\tA,<NON_REF>\t.\t.\t."), tmp_path)
    assert [entry["ALLELE_NUM"] for entry in found.near(4)] == ["1"]
    assert found.picked(4)["Consequence"] == "missense_variant"


@pytest.mark.parametrize("other", ["R", "G", "N", "*", "<*>"])
def test_an_allele_beside_one_that_cannot_be_judged_is_annotated(
    other: str, tmp_path: Path
) -> None:
    found = run(vcf(*GOOD[:4], f"MT\t3460\t.\tG\t{other},A\t.\t.\t."), tmp_path)
    assert found.records[4][4] == f"{other},A"
    assert {entry["ALLELE_NUM"] for entry in found.near(4)} == {"2"}
    assert found.picked(4)["Consequence"] == "missense_variant"


def test_a_site_without_an_alternate_allele_is_not_reported(tmp_path: Path) -> None:
    found = run(vcf(*GOOD[:4], "MT\t3460\t.\tG\t.\t.\t.\t."), tmp_path)
    assert found.records[-1][7] == "."
    assert not [row for row in found.log.splitlines() if row.startswith("kept")]


def test_a_file_with_only_unknown_contigs_is_of_another_build(tmp_path: Path) -> None:
    rejected = refusal(vcf(record("1\t.\tA\tC", "chr7"), record("2\t.\tA\tC", "chr8")), tmp_path)
    assert (rejected.code, rejected.line) == (FailureCode.WRONG_BUILD, 4)
    assert "chr7" in rejected.message


def test_one_wrong_reference_base_of_two_costs_one_record(tmp_path: Path) -> None:
    found = run(vcf(GOOD[0], record("3460\t.\tT\tA")), tmp_path)
    assert (found.counts["records"], found.counts["annotated"]) == (2, 1)


def test_positions_beyond_the_end_in_most_records_mean_another_build(tmp_path: Path) -> None:
    rows = [GOOD[0], record("20000\t.\tA\tC"), record("20001\t.\tA\tC")]
    rejected = refusal(vcf(*rows), tmp_path)
    assert (rejected.code, rejected.line) == (FailureCode.WRONG_BUILD, 5)


def test_many_wrong_reference_bases_but_not_most_are_noted(tmp_path: Path) -> None:
    wrong = [record(f"{16524 + n}\t.\tN\tA").replace("N", "TGAC"[n % 4]) for n in range(1, 12)]
    found = run(vcf(*GOOD, *wrong), tmp_path)
    assert "may have been made with another genome build" in found.log


WRONG_VALUES = {
    "INFO": ("DP=12.5;MQ=abc;DB=1", "DP", "12.5"),
    "a sample": ("DP=3", "GQ", "high"),
    "QUAL": ("DP=3", "QUAL", "good"),
    "a genotype beyond ALT": ("DP=3", "genotype", "0/7"),
}


@pytest.mark.parametrize(("info", "field", "value"), WRONG_VALUES.values(), ids=WRONG_VALUES)
def test_a_wrong_value_is_noted_with_its_line_and_kept(
    info: str, field: str, value: str, tmp_path: Path
) -> None:
    header = "".join(
        f'##{column}=<ID={key},Number={number},Type={type},Description="d">\n'
        for column, key, number, type in (
            ("INFO", "DP", 1, "Integer"), ("INFO", "MQ", 1, "Float"), ("INFO", "DB", 0, "Flag"),
            ("FORMAT", "GT", 1, "String"), ("FORMAT", "GQ", 1, "Integer"),
        )
    )  # fmt: skip
    genotype, quality = ("0/7" if value == "0/7" else "0/1"), ("high" if field == "GQ" else "9")
    qual = "good" if field == "QUAL" else "."
    row = f"MT\t3460\t.\tG\tA\t{qual}\tPASS\t{info}\tGT:GQ\t{genotype}:{quality}"
    found = run(vcf(row, header=f"{HEADER}{header}", columns=f"{COLUMNS}\tFORMAT\ts"), tmp_path)
    assert found.records[0][5] == qual
    assert found.records[0][7].startswith(f"{info};")
    assert found.records[0][9] == f"{genotype}:{quality}"
    assert found.picked(0)["Consequence"] == "missense_variant"
    (noted,) = [row for row in found.log.splitlines() if field in row and row.startswith("fault")]
    assert "line 9" in noted


def test_a_value_that_does_not_fit_the_last_of_very_many_keys_is_noted(tmp_path: Path) -> None:
    keys = ";".join(f"K{n}=x" for n in range(1_000))
    header = HEADER + '##INFO=<ID=K999,Number=1,Type=Integer,Description="d">\n'
    found = run(vcf(f"MT\t3460\t.\tG\tA\t.\t.\t{keys}", header=header), tmp_path)
    assert "“K999” is “x”" in found.log
    (note,) = [one for one in found.summary["diagnostics"] if one["rule"] == "info-type"]
    assert (note["count"], note["first"][0]["line"]) == (1, 5)
    undefined = [one for one in found.summary["diagnostics"] if one["rule"] == "info-defined"]
    assert len(undefined) < 100
    assert sum(one["count"] for one in undefined) == 999


def test_many_wrong_reference_bases_mean_another_build(tmp_path: Path) -> None:
    wrong = [record(f"{position}\t.\tN\tA").replace("N", "ACGT"[position % 4]) for position in
             range(100, 140)]  # fmt: skip
    rejected = refusal(vcf(*wrong), tmp_path)
    assert rejected.code is FailureCode.WRONG_BUILD
    assert "the first is REF" in rejected.message


def test_an_n_does_not_speak_for_the_reference(tmp_path: Path) -> None:
    wrong = [record(f"{at}\t.\tN\tA").replace("N", "ACGT"[at % 4]) for at in range(100, 120)]
    unknown = [record(f"{at}\t.\t{ref}\tA") for at in range(500, 520) for ref in ("N", "nN")]
    of_reference = [record(f"3107\t.\tA\t{alt}") for alt in ("C", "G", "T", "AC", "AG")]
    rejected = refusal(vcf(*wrong, *unknown, *of_reference), tmp_path)
    assert rejected.code is FailureCode.WRONG_BUILD
    assert "In 9 of 15 records" in rejected.message
    accepted = run(vcf(*unknown, *of_reference), tmp_path)
    assert accepted.counts["records"] == 45, "nor against it"


def test_repeated_records_have_the_same_consequence(tmp_path: Path) -> None:
    row = "MT\t3460\t.\tG\tA\t.\t.\t.\tGT\t0/1"
    found = run(vcf(row, row, columns=f"{COLUMNS}\tFORMAT\ts"), tmp_path)
    assert found.records[0] == found.records[1]
    assert found.picked(1)["Consequence"] == "missense_variant"


def test_alleles_that_nobody_carries_or_that_overlap_are_annotated_by_themselves(
    tmp_path: Path,
) -> None:
    rows = (
        "MT\t3460\t.\tG\tA\t.\t.\t.\tGT\t0/0",
        "MT\t11778\t.\tG\tA\t.\t.\t.\tGT\t0/1",
        "MT\t11778\t.\tG\tC\t.\t.\t.\tGT\t0/1",
    )
    found = run(vcf(*rows, columns=f"{COLUMNS}\tFORMAT\ts"), tmp_path)
    assert [found.picked(n)["Amino_acids"] for n in range(3)] == ["A/T", "R/H", "R/P"]


def test_the_provenance_records_how_to_reproduce_the_result(tmp_path: Path) -> None:
    found = run(vcf(*GOOD), tmp_path)
    assert (
        found.provenance["input"]["sha256"] == sha256((tmp_path / "input").read_bytes()).hexdigest()
    )
    assert found.provenance["commands"] == []
    assert found.provenance["engine"] == version_of(bundles.find("human-mt"))
    assert {"polars", "pysam", "gas-annotator"} <= found.provenance["software"].keys()
    assert sys.prefix not in json.dumps(found.provenance)
    assert found.provenance["bundle"]["sha256"]["reference.fa"]
    assert found.provenance["bundle"]["known"][0]["name"] == "mitomap"


def test_known_pathogenic_variants_are_reported_with_their_disease(tmp_path: Path) -> None:
    found = run(vcf(*GOOD), tmp_path)
    assert "MITOMAP_DISEASE=LHON;MITOMAP_STATUS=Confirmed" in next(
        fields[7] for fields in found.records if fields[1] == "11778"
    )
    assert found.counts["pathogenic"] == found.summary["known_pathogenic"] == 3
    (row,) = [row for row in found.table if row["POS"] == "11778" and row["PICK"]]
    assert (row["CONSEQUENCE"], row["IMPACT"]) == ("missense_variant", "MODERATE")
    assert (row["GENE"], row["HGVSP"]) == ("MT-ND4", hgvs("MT-ND4:p.Arg340His"))
    assert row["MITOMAP_DISEASE"] == "LHON"
