"""Which rows ``variants.parquet`` has, and what they say of records and samples."""

from pathlib import Path

import pytest

from tests.support.variants import Row, rows_of

SNV = "21 25891784 . C T 50 PASS DP=30"


def test_a_row_for_each_allele(tmp_path: Path) -> None:
    first, second, third = rows_of([SNV, "21 25891796 rs1 C T,CA . q10;s50 ."], tmp_path)
    assert (first["record"], first["allele"], first["alt"], first["type"]) == (1, 1, "T", "SNV")
    assert (second["record"], second["allele"], second["alt"]) == (2, 1, "T")
    assert (third["record"], third["allele"], third["alt"]) == (2, 2, "CA")
    assert (third["type"], third["id"], third["filter"]) == ("insertion", "rs1", "q10;s50")
    assert (second["amino_acids"], second["protein_start"]) == ("A/T", 713)
    assert (first["qual"], first["dp"], first["filter"]) == (50.0, 30, "PASS")
    assert (second["qual"], second["dp"]) == (None, None)


def test_a_known_variant_has_what_is_known_of_it(tmp_path: Path) -> None:
    (row,) = rows_of([SNV], tmp_path)
    assert (row["amino_acids"], row["protein_start"]) == ("V/I", 717)
    assert row["existing_variation"] == "rs63750264"
    assert row["is_pathogenic"]
    assert "athogenic" in row["clin_sig"]
    assert row["known_DBSNP_ID"] == "rs63750264"
    assert row["protein_start"] == row["protein_end"]
    assert set(row["transcripts_pick"]) == {True, False}
    assert row["not_annotated"] is None


@pytest.mark.parametrize(
    ("record", "type_", "reason"),
    [
        ("21 25891784 odd C . . . .", "none", "no_alternate_allele"),
        ("21 25891784 odd C <NON_REF> . . END=25891800", "symbolic", "symbolic"),
        ("21 25891784 odd C <DEL> . . .", "symbolic", "no_interval"),
        ("21 25891784 odd C * . . .", "none", "symbolic"),
        ("21 25891784 odd C R . . .", "SNV", "ambiguous"),
        ("21 25891784 odd G T . . .", "SNV", "other_reference"),
        ("21 25891784 odd C C . . .", "SNV", "same_as_reference"),
        ("21 1000 odd N T . . .", "SNV", "outside_windows"),
        ("X 1000 odd A T . . .", "SNV", "unknown_contig"),
    ],
)
def test_what_is_not_annotated_is_there_with_the_reason(
    record: str, type_: str, reason: str, tmp_path: Path
) -> None:
    # Beside so many that agree with the reference, one that does not is no wrong build.
    rows = rows_of([SNV] * 40 + [record], tmp_path)
    (row,) = [one for one in rows if one["id"] == "odd"]
    assert {other["term"] for other in rows if other is not row} == {"missense_variant"}
    assert (row["type"], row["not_annotated"]) == (type_, reason)
    empty = ("term", "consequence", "worst_term", "symbol", "transcripts_term", "hgvsc", "max_af")
    assert {row[name] for name in empty} == {None}


@pytest.mark.parametrize("record", ["<DEL> . . END=25891800", "C]21:25891900] . . ."])
def test_a_structural_variant_has_its_consequences(record: str, tmp_path: Path) -> None:
    (row,) = rows_of([f"21 25891784 . C {record}"], tmp_path)
    assert (row["type"], row["not_annotated"]) == ("symbolic", None)
    assert row["term"]
    assert row["symbol"] == "APP"


def test_an_allele_that_is_no_sequence_beside_one_that_is(tmp_path: Path) -> None:
    first, second = rows_of(["21 25891784 . C T,* . . ."], tmp_path)
    assert first["term"] == "missense_variant"
    assert (second["alt"], second["not_annotated"]) == ("*", "not_a_sequence")


@pytest.mark.parametrize(
    ("record", "end"),
    [
        ("21 25891784 . C T . . .", 25891784),
        ("21 25891784 . CGA C . . .", 25891786),
        ("21 25891784 . C <DEL> . . SVTYPE=DEL;END=25891800", 25891800),
        ("21 25891784 . C <DEL> . . XEND=25891900;END=25891800;DP=1", 25891800),
        ("21 25891784 . C <DEL> . . END=5", 25891784),
    ],
)
def test_where_a_record_ends(record: str, end: int, tmp_path: Path) -> None:
    (row,) = rows_of([record], tmp_path)
    assert row["end_pos"] == end


def sample(text: str, folder: Path, *, alts: str = "T", form: str = "GT:AD:DP:GQ:PS") -> list[Row]:
    rows = rows_of([f"21 25891784 . C {alts} . . . {form} {text}"], folder, samples=1)
    names = [name for name in rows[0] if name.startswith("s1_")]
    return [{name.removeprefix("s1_"): row[name] for name in names} for row in rows]


def test_all_that_a_sample_says(tmp_path: Path) -> None:
    (cell,) = sample("0|1:12,18:31:99:25891700", tmp_path)
    assert cell == {
        "gt": "0|1",
        "zygosity": "het",
        "copies": 1,
        "dp": 31,
        "gq": 99.0,
        "ad_ref": 12,
        "ad_alt": 18,
        "ab": pytest.approx(0.6),
        "ps": 25891700,
    }


@pytest.mark.parametrize(
    ("genotype", "zygosity", "copies"),
    [
        ("0/0", "hom_ref", 0),
        ("0/1", "het", 1),
        ("1|0", "het", 1),
        ("1/1", "hom", 2),
        ("1", "hemi", 1),
        ("0", "hom_ref", 0),
        ("./.", None, None),
        (".", None, None),
        ("./1", "partial", 1),
        ("0/.", "partial", 0),
        ("0/0/1", "het", 1),
        ("1/1/1/1", "hom", 4),
        ("0/0/0/.", "partial", 0),
        ("|0|1", "het", 1),
        ("/1", "hemi", 1),
    ],
)
def test_genotypes(genotype: str, zygosity: str, copies: int, tmp_path: Path) -> None:
    (cell,) = sample(genotype, tmp_path, form="GT")
    assert (cell["gt"], cell["zygosity"], cell["copies"]) == (genotype, zygosity, copies)
    assert (cell["dp"], cell["gq"], cell["ad_ref"], cell["ab"]) == (None, None, None, None)


@pytest.mark.parametrize(
    ("genotype", "zygosities"),
    [
        ("1/2", ["het", "het", "other"]),
        ("2/2", ["other", "hom", "other"]),
        ("0/3", ["other", "other", "het"]),
        ("0/0", ["hom_ref", "hom_ref", "hom_ref"]),
    ],
)
def test_genotypes_of_several_alleles(genotype: str, zygosities: list[str], tmp_path: Path) -> None:
    cells = sample(f"{genotype}:10,1,2,7", tmp_path, alts="T,CA,<DEL>", form="GT:AD")
    assert [cell["zygosity"] for cell in cells] == zygosities
    assert [cell["ad_alt"] for cell in cells] == [1, 2, 7]
    assert [cell["ab"] for cell in cells] == pytest.approx([0.05, 0.1, 0.35])


def test_many_alleles_are_told_apart(tmp_path: Path) -> None:
    alts = ["T", *("C" + "A" * n for n in range(1, 12))]
    cells = sample("11/12", tmp_path, alts=",".join(alts), form="GT")
    assert [cell["copies"] for cell in cells] == [0] * 10 + [1, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0/1:.:.:.:.", (None, None, None, None, None)),
        ("0/1", (None, None, None, None, None)),
        ("0/1:.,5:7:8:.", (None, 5, None, 7, 8.0)),
        ("0/1:5:7:8", (None, None, None, 7, 8.0)),
        ("0/1:5,6,7:7:8", (None, None, None, 7, 8.0)),
        ("0/1:0,0:0:0", (0, 0, None, 0, 0.0)),
        ("0/1:5,5:9:8.5", (5, 5, 0.5, 9, 8.5)),
    ],
)
def test_missing_and_odd_numbers(
    text: str, expected: tuple[float | None, ...], tmp_path: Path
) -> None:
    (cell,) = sample(text, tmp_path)
    assert tuple(cell[name] for name in ("ad_ref", "ad_alt", "ab", "dp", "gq")) == expected


def test_formats_that_differ_from_record_to_record(tmp_path: Path) -> None:
    rows = rows_of(
        [
            "21 25891784 . C T . . . GT:DP 0/1:7",
            "21 25891785 . G T . . . DP:GQ 9:3",
            "21 25891786 . A T . . . GT:GQ:DP 1/1:5:6",
        ],
        tmp_path,
        samples=1,
    )
    assert [row["s1_dp"] for row in rows] == [7, 9, 6]
    assert [row["s1_gt"] for row in rows] == ["0/1", None, "1/1"]
    assert [row["s1_gq"] for row in rows] == [None, 3.0, 5.0]
    assert [row["samples_carrying"] for row in rows] == [1, 0, 1]
    assert [row["allele_number"] for row in rows] == [2, 0, 2]


def test_few_samples_have_columns_of_their_own(tmp_path: Path) -> None:
    first, second = rows_of(
        ["21 25891784 . C T,A . . . GT:AD 0/1:5,5,0 1/2:0,3,9 ./.:."], tmp_path, samples=3
    )
    assert [first[f"s{n}_zygosity"] for n in (1, 2, 3)] == ["het", "het", None]
    assert [second[f"s{n}_zygosity"] for n in (1, 2, 3)] == ["other", "het", None]
    assert [second[f"s{n}_ab"] for n in (1, 2, 3)] == [0.0, 0.75, None]
    assert (first["samples_carrying"], first["allele_count"], first["allele_number"]) == (2, 2, 4)


def test_numbers_too_great_for_their_column_are_missing(tmp_path: Path) -> None:
    (row,) = rows_of(["21 25891784 . C T . . . DP:PS 3000000000:3000000000"], tmp_path, samples=1)
    assert (row["s1_dp"], row["s1_ps"]) == (None, 3_000_000_000)


def test_many_samples_are_lists(tmp_path: Path) -> None:
    cells = [f"0/{n % 2}:{n}" for n in range(20)]
    form = [f"21 25891784 . C T . . . GT:DP {' '.join(cells)}"]
    (row, other) = rows_of(
        [*form, f"21 25891785 . G T . . . DP {' '.join(map(str, range(20)))}"], tmp_path, 20
    )
    assert row["samples_gt"] == [cell.split(":")[0] for cell in cells]
    assert row["samples_dp"] == other["samples_dp"] == list(range(20))
    assert row["samples_copies"] == [n % 2 for n in range(20)]
    assert row["samples_ad_ref"] is None
    assert other["samples_gt"] is None
    assert (row["samples_carrying"], row["allele_count"], row["allele_number"]) == (10, 10, 40)


def test_alleles_times_samples_do_not_explode(tmp_path: Path) -> None:
    alts = ",".join(["T", *("C" + "A" * n for n in range(1, 70))])
    many = f"21 25891784 . C {alts} . . . GT {' '.join(['0/1'] * 70)}"
    few = f"21 25891785 . G T . . . GT {' '.join(['0/1'] * 70)}"
    rows = rows_of([many, few], tmp_path, samples=70)
    assert len(rows) == 71
    assert {row["samples_gt"] is None for row in rows[:-1]} == {True}
    assert rows[-1]["samples_gt"] == ["0/1"] * 70


def test_samples_together_say_what_the_best_carrier_has(tmp_path: Path) -> None:
    cells = "0/1:16,4:50 1/1:0,9:30 0/0:20,0:99"
    (row,) = rows_of([f"21 25891784 . C T . . . GT:AD:GQ {cells}"], tmp_path, samples=3)
    assert (row["carriers_gq"], row["carriers_ad_alt"], row["carriers_ab"]) == (50.0, 9, 1.0)
    assert row["zygosities"] == 2 | 3 << 3 | 1 << 6


@pytest.mark.parametrize(
    ("cells", "expected", "zygosities"),
    [
        ("0/1:16,4:50 0/1:3,7:.", (50.0, 7, 0.3), 2 | 2 << 3),
        ("0/1:.:. 0/0:9,1:40", (None, None, None), 2 | 1 << 3),
        ("./1:9,1:9 ./0:1,9:99", (9.0, 1, 1.0), 7 | 6 << 3),
        ("./.:9,1:9 0/0:1,9:99", (None, None, None), 0 | 1 << 3),
        ("1:9,1:9 .:.:.", (9.0, 1, 1.0), 4),
    ],
)
def test_what_lacks_a_value_or_the_allele_is_no_carrier(
    cells: str, expected: tuple[float | None, ...], zygosities: int, tmp_path: Path
) -> None:
    (row,) = rows_of([f"21 25891784 . C T . . . GT:AD:GQ {cells}"], tmp_path, samples=2)
    found = [row[name] for name in ("carriers_gq", "carriers_ad_alt", "carriers_ab")]
    assert found == [value if value is None else pytest.approx(value) for value in expected]
    assert row["zygosities"] == zygosities


def test_one_sample_says_nothing_together(tmp_path: Path) -> None:
    (row,) = rows_of(["21 25891784 . C T . . . GT 0/1"], tmp_path, samples=1)
    assert not [name for name in row if name.startswith(("carriers_", "zygosities"))]
