"""ClinVar, dbSNP and frequencies by population, as their files are and as recipes read them."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from annotator.bundle import Bundle
from annotator.bundling.build import build
from annotator.bundling.readings import read
from annotator.bundling.recipe import Recipe
from annotator.known.pathogenicity import Verdict
from annotator.runner import protocol
from tests.support import synthetic_genome as synthetic
from tests.support.annotation import Annotated, info_of, run, vcf

RECIPES = Path(__file__).parents[2] / "annotator" / "recipes"
GENOME = synthetic.sequences()["1"]
SOURCE = {"version": "1", "licence": "none", "citation": "none", "format": "vcf"}
CLINVAR = SOURCE | {
    "name": "clinvar", "at": {"at": "clinvar.vcf"},
    "fields": [
        {"id": "CLINVAR_ID", "column": "ID", "number": "A", "description": "variation"},
        {"id": "CLINVAR_SIG", "csq": "CLIN_SIG", "column": "INFO/CLNSIG", "number": "A",
         "description": "significance"},
        {"id": "CLINVAR_STARS", "column": "INFO/CLNREVSTAT", "reading": "review_stars",
         "number": "A", "type": "Integer", "description": "stars"},
        {"id": "CLINVAR_REVIEW", "column": "INFO/CLNREVSTAT", "number": "A", "description": "why"},
        {"id": "CLINVAR_DISEASE", "column": "INFO/CLNDN", "number": "A", "description": "diseases"},
        {"id": "CLINVAR_RS", "csq": "Existing_variation", "column": "INFO/RS", "reading": "rs",
         "number": "A", "description": "name in dbSNP"},
    ],
}  # fmt: skip
DBSNP = SOURCE | {
    "name": "dbsnp", "at": {"at": "dbsnp.vcf"},
    "fields": [
        {"id": "DBSNP_ID", "csq": "Existing_variation", "fills_id": True, "column": "ID",
         "number": "A", "description": "name"},
        {"id": "KG_AF", "csq": "AF", "column": "INFO/AF", "number": "A", "type": "Float",
         "description": "frequency"},
        {"id": "KG_AFR", "population": "AFR", "column": "INFO/AFR", "number": "A",
         "type": "Float", "description": "frequency"},
    ],
}  # fmt: skip
GNOMAD = SOURCE | {
    "name": "gnomad", "at": {"at": "gnomad.vcf"},
    "fields": [
        {"id": "GNOMAD_AF", "csq": "gnomADg_AF", "column": "INFO/AF", "number": "A",
         "type": "Float", "description": "frequency"},
        {"id": "GNOMAD_GRPMAX", "column": "INFO/grpmax", "number": "A", "description": "where"},
        {"id": "GNOMAD_HOM", "column": "INFO/nhomalt", "number": "A", "type": "Integer",
         "description": "homozygotes"},
        {"id": "GNOMAD_AFR", "population": "AFR", "column": "INFO/AF_afr", "number": "A",
         "type": "Float", "description": "frequency"},
        {"id": "GNOMAD_EAS", "population": "EAS", "column": "INFO/AF_eas", "number": "A",
         "type": "Float", "description": "frequency"},
    ],
}  # fmt: skip
PLAIN = f"##fileformat=VCFv4.2\n##contig=<ID=1,length={synthetic.LENGTH}>\n"


def others(position: int) -> list[str]:
    """The three other bases at a 1-based position of contig 1."""
    return [base for base in "ACGT" if base != GENOME[position - 1]]


def definitions(**numbers: str) -> str:
    lines = [
        f'##INFO=<ID={name},Number={n},Type=String,Description="">' for name, n in numbers.items()
    ]
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    return "\n".join(["##fileformat=VCFv4.1", *lines, columns, ""])


def row(position: int, id: str, alts: list[str], info: str) -> str:
    return f"1\t{position}\t{id}\t{GENOME[position - 1]}\t{','.join(alts)}\t.\t.\t{info}\n"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The synthetic genome with the three sources."""
    folder = tmp_path_factory.mktemp("human")
    synthetic.build_bundle(folder)
    source = folder / "source"
    (source / "clinvar.vcf").write_text(
        definitions(CLNSIG=".", CLNREVSTAT=".", CLNDN=".", RS=".")
        + row(100, "18088", others(100)[:1], "CLNSIG=Pathogenic/Likely_pathogenic|risk_factor;"
              "CLNREVSTAT=criteria_provided,_multiple_submitters,_no_conflicts;"
              "CLNDN=Alzheimer_disease_type_1|not_provided;RS=5")
        + row(110, "3", others(110)[:1], "CLNSIG=Conflicting_classifications_of_pathogenicity;"
              "CLNREVSTAT=criteria_provided,_conflicting_classifications")
    )  # fmt: skip
    (source / "dbsnp.vcf").write_text(
        definitions(AF="A", AFR="A")
        + row(100, "rs5", others(100), "AF=0.1,.,0.003;AFR=0.4,.,0.001")
        + row(120, "rs6", others(120)[:2], "AF=0.5,0.1;AFR=0.5,0.1")
    )
    (source / "gnomad.vcf").write_text(
        definitions(AF="A", grpmax="A", nhomalt="A", AF_afr="A", AF_eas="A")
        + row(100, ".", others(100)[:1], "AF=0.2;grpmax=afr;nhomalt=7;AF_afr=0.3;AF_eas=0.05")
        + row(130, ".", others(130)[:1], "AF=0.01;grpmax=eas;nhomalt=0;AF_afr=0;AF_eas=0.02")
    )
    path = source / "recipe.json"
    recipe = json.loads(path.read_text()) | {"known": [CLINVAR, DBSNP, GNOMAD]}
    path.write_text(json.dumps(recipe))
    return build(path, folder / "bundles", lambda _: None)


def annotated(bundle: Bundle, folder: Path, *records: tuple[int, str, list[str]]) -> Annotated:
    """Annotate records of position, ID and ALT."""
    rows = [row(*record, ".").rstrip() for record in records]
    return run(vcf(*rows, header=PLAIN), folder, bundle=bundle)


def test_clinvars_stars_diseases_and_ids(bundle: Bundle, tmp_path: Path) -> None:
    found = annotated(bundle, tmp_path, (100, ".", others(100)[:1]), (110, ".", others(110)[:1]))
    first, second = map(info_of, found.records)
    assert first["CLINVAR_SIG"] == "Pathogenic/Likely_pathogenic|risk_factor"
    assert (first["CLINVAR_ID"], first["CLINVAR_STARS"], second["CLINVAR_STARS"]) == (
        "18088",
        "2",
        "1",
    )
    assert first["CLINVAR_REVIEW"] == "criteria_provided&_multiple_submitters&_no_conflicts"
    assert first["CLINVAR_DISEASE"] == "Alzheimer_disease_type_1|not_provided"
    assert first["CLINVAR_RS"] == "rs5"
    assert "CLINVAR_DISEASE" not in second


@pytest.mark.parametrize(
    ("status", "stars"),
    [
        ("practice_guideline", "4"),
        ("reviewed_by_expert_panel", "3"),
        ("criteria_provided,_multiple_submitters,_no_conflicts", "2"),
        ("criteria_provided,_conflicting_interpretations", "1"),
        ("criteria_provided,_single_submitter", "1"),
        ("no_assertion_criteria_provided", "0"),
        ("no_classification_provided", "0"),
        (".", "."),
    ],
)
def test_stars_of_a_review_status(status: str, stars: str) -> None:
    assert read(status, "review_stars") == stars


def test_records_without_an_id_get_that_of_dbsnp(bundle: Bundle, tmp_path: Path) -> None:
    records = (
        (100, ".", others(100)[:1]),
        (100, "mine", others(100)[1:2]),
        (119, ".", others(119)[:1]),
        (120, ".", others(120)),
    )
    found = annotated(bundle, tmp_path, *records)
    wanted = ["rs5", "mine", ".", "rs6"]
    assert [fields[2] for fields in found.records] == wanted
    assert [fields[:2] + fields[3:7] for fields in found.records] == [
        row(*record, ".").split("\t")[:2] + row(*record, ".").split("\t")[3:7] for record in records
    ]
    by_record = {(cells["POS"], cells["ALT"]): cells["ID"] for cells in found.table}
    assert by_record["100", others(100)[0]] == "rs5"
    variants = pq.read_table(tmp_path / protocol.RESULT_VARIANTS).to_pydict()
    assert variants["id"] == ["rs5", "mine", None, "rs6", "rs6", "rs6"]


def test_a_name_that_two_sources_have_is_named_once(bundle: Bundle, tmp_path: Path) -> None:
    found = annotated(bundle, tmp_path, (100, ".", others(100)[:1]))
    assert {entry["Existing_variation"] for entry in found.entries(0)} == {"rs5"}


def test_the_highest_population_is_that_of_all_sources(bundle: Bundle, tmp_path: Path) -> None:
    alts = others(100)
    found = annotated(bundle, tmp_path, (100, ".", alts), (130, ".", others(130)[:1]))
    first, second = map(info_of, found.records)
    assert (first["KG_AF"], first["GNOMAD_AF"]) == ("0.1,.,0.003", "0.2,.,.")
    assert (first["GNOMAD_HOM"], first["GNOMAD_GRPMAX"]) == ("7,.,.", "afr,.,.")
    assert (first["KG_AFR"], first["GNOMAD_AFR"]) == ("0.4,.,0.001", "0.3,.,.")
    highest = {e["ALLELE_NUM"]: (e["MAX_AF"], e["MAX_AF_POPS"]) for e in found.entries(0)}
    assert highest == {"1": ("0.4", "AFR"), "2": ("", ""), "3": ("0.001", "AFR")}
    (other,) = {(e["MAX_AF"], e["MAX_AF_POPS"], e["gnomADg_AF"]) for e in found.entries(1)}
    assert other == ("0.02", "EAS", "0.01")
    assert (second["GNOMAD_HOM"], second["GNOMAD_GRPMAX"]) == ("0", "eas")


@pytest.mark.parametrize(
    ("value", "is_so"),
    [
        ("Pathogenic", True),
        ("not_provided|Pathogenic", True),
        ("Likely_pathogenic|Pathogenic", True),
        ("Likely_pathogenic|risk_factor", True),
        ("Pathogenic/Likely_pathogenic|risk_factor", True),
        ("Uncertain_significance|Not_provided|Pathogenic", True),
        ("Pathogenic/Likely_pathogenic/Pathogenic&_low_penetrance", True),
        ("likely_pathogenic", True),
        ("Benign,Pathogenic", True),
        (".,Pathogenic", True),
        ("Benign|Pathogenic", False),
        ("Conflicting_classifications_of_pathogenicity", False),
        ("Conflicting_interpretations_of_pathogenicity|risk_factor", False),
        ("Conflicting_classifications_of_pathogenicity|Pathogenic", False),
        ("Not_provided|Protective", False),
        ("Uncertain_significance", False),
        ("Uncertain_risk_allele", False),
        ("Not_provided", False),
        (".", False),
    ],
)
def test_terms_of_clinvar(value: str, is_so: bool) -> None:
    recipe = Recipe.model_validate_json((RECIPES / "grch38-21q21.json").read_bytes())
    assert Verdict.of(recipe.known[0]).is_pathogenic(value.encode()) is is_so
