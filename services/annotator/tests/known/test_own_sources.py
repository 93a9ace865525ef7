"""Your own sources: one of each kind, made up, from its manifest to INFO, table and Parquet."""

from pathlib import Path

import pyarrow.parquet as pq
import pysam
import pytest

from annotator import bundle as bundles
from annotator import commands
from annotator.bundle import Bundle
from annotator.bundling import checking
from annotator.bundling.build import build
from annotator.runner import protocol
from tests.support import synthetic_genome as synthetic
from tests.support.annotation import Annotated, info_of, run, vcf
from tests.support.own_sources import GENOME, SOURCES, base, change, other, recipe, write_sources

PLAIN = f"##fileformat=VCFv4.2\n##contig=<ID=chr1,length={synthetic.LENGTH}>\n"


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> Bundle:
    """The synthetic bundle with all of these sources."""
    folder = tmp_path_factory.mktemp("own")
    sources = write_sources(folder / "sources", SOURCES)
    return build(recipe(folder), folder / "bundles", said.append, sources=sources)


def annotated(bundle: Bundle, folder: Path, *changes: str) -> Annotated:
    rows = [f"chr1\t{at}\t.\t{ref}\t{alt}\t.\t.\t." for at, ref, alt in map(str.split, changes)]
    return run(vcf(*rows, header=PLAIN), folder, bundle=bundle)


def test_each_kind_comes_out_as_info(bundle: Bundle, tmp_path: Path) -> None:
    found = annotated(bundle, tmp_path, change(510), change(530), change(1510), change(2000))
    at = [info_of(fields) for fields in found.records]
    ours = {key: value for key, value in at[0].items() if key != "CSQ"}
    assert ours == {
        "AM_PATHOGENICITY": "0.75", "AM_CLASS": "likely_benign&likely_pathogenic",
        "CADD_PHRED": "12.34", "COHORT_AF": "0.01", "COHORT_SEEN": "",
        "PLI": "0.9", "KIT": "one&two", "IN_KIT": "", "PANEL": "Anaemia&_mild&Ataxia",
        "PHYLOP": "-1.5", "REVEL": "0.5", "SPLICEAI_DS_DG": "0.91", "SPLICEAI_GENES": "A&Z",
    }  # fmt: skip
    assert {"COHORT_AF", "CADD_PHRED", "REVEL"}.isdisjoint(at[1]), "what FILTER drops is not there"
    assert (at[1]["KIT"], at[1]["PHYLOP"]) == ("one", "0.5")
    assert (at[2]["PLI"], at[2]["PANEL"]) == ("0.4", "Blindness"), "by synonym, by HGNC id"
    assert set(at[3]) == {"CSQ"}


def test_headers_are_right_and_readers_accept_them(bundle: Bundle, tmp_path: Path) -> None:
    found = annotated(bundle, tmp_path, change(510))
    for line in (
        '##INFO=<ID=REVEL,Number=A,Type=Float,Description="score (revel 1)">',
        '##INFO=<ID=IN_KIT,Number=0,Type=Flag,Description="in a target (exons 1)">',
        '##INFO=<ID=PANEL,Number=A,Type=String,Description="phenotypes (panel 1)">',
    ):
        assert line in found.text.splitlines()
    with pysam.VariantFile(str(found.path)) as file:
        (record,) = file
        assert record.info["REVEL"] == (0.5,)
        assert record.info["IN_KIT"] is True


def test_table_and_parquet_have_them(bundle: Bundle, tmp_path: Path) -> None:
    found = annotated(bundle, tmp_path, change(510), change(2000))
    here = [row for row in found.table if row["POS"] == "510"]
    shown = {(row["REVEL"], row["KIT"], row["IN_KIT"], row["PLI"]) for row in here}
    assert shown == {("0.5", "one&two", "1", "0.9")}
    variants = pq.read_table(tmp_path / protocol.RESULT_VARIANTS).to_pydict()
    assert variants["known_REVEL"] == [0.5, None]
    assert variants["known_PLI"] == [0.9, None]
    assert variants["known_KIT"] == ["one&two", None]


def test_each_allele_has_its_own(bundle: Bundle, tmp_path: Path) -> None:
    at = f"510\t{base(510)}\t{other(510, 2)},{other(510, 1)},{other(510)}"
    found = info_of(annotated(bundle, tmp_path, at).records[0])
    assert found["CADD_PHRED"] == ".,5,12.34"
    assert found["COHORT_AF"] == ".,0.02,0.01"
    assert found["PHYLOP"] == "-1.5,-1.5,-1.5"


def test_an_entry_counts_for_the_allele_that_it_names(
    bundle: Bundle, tmp_path: Path, said: list[str]
) -> None:
    insertion = f"{GENOME[539:541]}\t{GENOME[539:541]}T"
    changes = (
        f"510\t{base(510)}\t{other(510, 1)},{other(510)},{other(510, 2)}",
        f"540\t{GENOME[539:541]}\t{base(540)}",
        f"540\t{insertion}",
        change(550),
    )
    found = [info_of(fields) for fields in annotated(bundle, tmp_path, *changes).records]
    assert (found[0]["SPLICEAI_DS_DG"], found[0]["SPLICEAI_GENES"]) == ("0.99,0.91,.", "A,A&Z,.")
    assert (found[1]["SPLICEAI_DS_DG"], found[2]["SPLICEAI_DS_DG"]) == ("0.2", "0.3")
    assert "SPLICEAI_DS_DG" not in found[3], "its entry is of another allele"
    assert any("spliceai: 5 rows; SPLICEAI_DS_DG left out, no entry names the allele: 1" in line
               for line in said)  # fmt: skip


def test_the_bases_that_change_count(bundle: Bundle, tmp_path: Path) -> None:
    wanted = {
        f"5\t{base(5)}\t{base(5)}{other(5)}": ("three", None),
        f"498\t{GENOME[497:503]}\t{base(498)}": ("one", None),
        change(500): (None, None),
        change(501): ("one", None),
        f"509\t{GENOME[508:512]}\t{other(509)}": ("one&two", "3.25"),
        change(620): ("one", None),
        change(621): (None, None),
    }
    found = annotated(bundle, tmp_path, *wanted)
    values = [info_of(fields) for fields in found.records]
    assert [(one.get("KIT"), one.get("PHYLOP")) for one in values] == list(wanted.values())


def test_the_build_says_what_was_dropped_and_why(bundle: Bundle, said: list[str]) -> None:
    assert bundle.folder.exists()
    lines = dict(line.split(": ", 1) for line in said if ": " in line)
    assert lines["alphamissense"] == (
        "2 rows; AM_PATHOGENICITY left out, not a number: 1; dropped, contig not in the bundle: 1"
    )
    assert lines["revel"] == "1 rows; dropped, no position: 1"
    assert lines["panel"] == "3 rows; dropped, gene not in the bundle: 1"


def test_an_existing_bundle_takes_sources_as_a_new_version(tmp_path: Path) -> None:
    build(recipe(tmp_path), tmp_path / "bundles", lambda _: None)
    some = {name: SOURCES[name] for name in ("exons.toml", "exons.bed")}
    given = ["--bundles", str(tmp_path / "bundles")]
    given += ["--sources", str(write_sources(tmp_path / "sources", some))]
    assert commands.main(["bundle", "add", "synthetic", "--version", "1", *given]) == 2
    assert commands.main(["bundle", "add", "synthetic", "--version", "1-kit", *given]) == 0
    found = bundles.find("synthetic", tmp_path / "bundles")
    assert found.version == "synthetic@1-kit"
    assert [source.name for source in found.manifest.known] == ["made", "exons"]
    assert checking.check(found, lambda _: None) == []
    (tmp_path / "job").mkdir()
    result = annotated(found, tmp_path / "job", change(505))
    assert info_of(result.records[0])["KIT"] == "one"
    assert result.provenance["bundle"]["version"] == "1-kit"
    assert result.provenance["bundle"]["known"][1]["licence"] == "made up"
