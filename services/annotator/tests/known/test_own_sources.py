"""Your own sources: one of each kind, made up, from its manifest to INFO, table and Parquet."""

import json
import re
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pysam
import pytest

from annotator import bundle as bundles
from annotator import commands
from annotator.bundle import Bundle
from annotator.bundling import checking
from annotator.bundling.build import build
from annotator.bundling.own_manifest import must_differ, read_folder
from annotator.bundling.recipe import BadRecipe
from annotator.runner import protocol
from tests.support import synthetic_genome as synthetic
from tests.support.annotation import Annotated, info_of, run, vcf

DOCS = Path(__file__).parents[4] / "docs" / "bundles.md"
GENOME = synthetic.sequences()["1"]
PLAIN = f"##fileformat=VCFv4.2\n##contig=<ID=chr1,length={synthetic.LENGTH}>\n"
ABOUT = 'version = "1"\nlicence = "made up"\ncitation = "none"\n'


def base(position: int) -> str:
    """The base of contig 1 at a 1-based position."""
    return GENOME[position - 1]


def other(position: int, number: int = 0) -> str:
    """Another base than that of the reference: there are three."""
    return [one for one in "ACGT" if one != base(position)][number]


def change(position: int, number: int = 0) -> str:
    return f"{position}\t{base(position)}\t{other(position, number)}"


SOURCES = {
    "alphamissense.toml": """
        name = "alphamissense"
        file = "am.tsv"
        format = "tsv"
        match = "allele"
        fields = [
          {id = "AM_PATHOGENICITY", column = "am_pathogenicity", type = "Float", description = "s"},
          {id = "AM_CLASS", column = "am_class", description = "class"},
        ]""",
    "am.tsv": "# Copyright\n#\n# Licensed\n"
    "#CHROM\tPOS\tREF\tALT\tgenome\tuniprot_id\tam_pathogenicity\tam_class\n"
    f"chr1\t{change(510)}\thg38\tP1\t0.25\tlikely_benign\n"
    f"chr1\t{change(510)}\thg38\tP2\t0.75\tlikely_pathogenic\n"
    f"chr1\t{change(520)}\thg38\tP2\tNA\tambiguous\n"
    f"chr9\t{change(520)}\thg38\tP2\t0.5\tambiguous\n",
    "cadd.toml": """
        name = "cadd"
        file = "cadd.tsv"
        format = "tsv"
        match = "allele"
        columns = {chrom = "Chrom", pos = "Pos", ref = "Ref", alt = "Alt"}
        fields = [{id = "CADD_PHRED", column = "PHRED", type = "Float", description = "score"}]""",
    "cadd.tsv": "## CADD\n#Chrom\tPos\tRef\tAlt\tRawScore\tPHRED\n"
    f"1\t{change(510)}\t0.1\t12.34\n1\t{change(510, 1)}\t0.1\t5\n",
    "cohort.toml": """
        name = "cohort"
        file = "cohort.vcf"
        format = "vcf"
        match = "allele"
        where = {FILTER = ["PASS", "."]}
        fields = [
          {id = "COHORT_AF", column = "AF", type = "Float", description = "frequency"},
          {id = "COHORT_SEEN", type = "Flag", description = "seen here"},
        ]""",
    "cohort.vcf": '##fileformat=VCFv4.2\n##INFO=<ID=AF,Number=A,Type=Float,Description="">\n'
    '##FILTER=<ID=bad,Description="">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    f"chr1\t510\t.\t{base(510)}\t{other(510)},{other(510, 1)}\t.\tPASS\tAF=0.01,0.02\n"
    f"chr1\t530\t.\t{base(530)}\t{other(530)}\t.\tbad\tAF=0.03\n",
    "constraint.toml": """
        name = "constraint"
        file = "constraint.tsv"
        format = "tsv"
        match = "gene"
        columns = {symbol = "gene", gene_id = "gene_id"}
        where = {mane_select = ["true"]}
        fields = [{id = "PLI", column = "lof.pLI", type = "Float", description = "pLI"}]""",
    "constraint.tsv": "gene\tgene_id\ttranscript\tmane_select\tlof.pLI\n"
    "A\tA\tA.1\ttrue\t0.9\nA\tA\tA.2\tfalse\t1\nOLDB\tNA\tB.1\ttrue\t0.4\n",
    "exons.toml": """
        name = "exons"
        file = "exons.bed"
        format = "bed"
        match = "overlap"
        fields = [
          {id = "KIT", column = 4, description = "target"},
          {id = "IN_KIT", type = "Flag", description = "in a target"},
        ]""",
    "exons.bed": "track name=kit\nchr1\t500\t620\tone\nchr1\t509\t515\ttwo\nchr1\t0\t5\tthree\n",
    "panel.toml": """
        name = "panel"
        file = "panel.tsv"
        format = "tsv"
        match = "gene"
        columns = {hgnc_id = "HGNC", symbol = "Gene Symbol", synonyms = "Other"}
        fields = [{id = "PANEL", column = "Phenotype", description = "phenotypes"}]""",
    "panel.tsv": "Gene Symbol\tHGNC\tOther\tPhenotype\n"
    "a\t\t\tAnaemia; mild\nRENAMED\tHGNC:77\t\tBlindness\nNOBODY\t\tX9|AA1\tAtaxia\n"
    "SHARED\t\t\tnot joined\nD\t\t\tDeafness\n",
    "phylop.toml": """
        name = "phylop"
        file = "phylop.bedgraph"
        format = "bed"
        match = "position"
        fields = [{id = "PHYLOP", column = 4, type = "Float", description = "conservation"}]""",
    "phylop.bedgraph": "chr1\t508\t510\t-1.5\nchr1\t510\t511\t3.25\nchr1\t511\t530\t0.5\n",
    "revel.toml": """
        name = "revel"
        file = "revel.csv"
        format = "tsv"
        separator = ","
        match = "allele"
        columns = {chrom = "chr", pos = "grch38_pos", ref = "ref", alt = "alt"}
        fields = [{id = "REVEL", type = "Float", description = "score"}]""",
    "revel.csv": "chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL,Ensembl_transcriptid\n"
    f"1,7,510,{base(510)},{other(510)},M,V,0.5,A.1;A.2\n1,7,.,A,C,M,V,0.5,A.1\n",
    "spliceai.toml": """
        name = "spliceai"
        file = "spliceai.vcf"
        format = "vcf"
        match = "allele"
        fields = [
          {id = "SPLICEAI_DS_DG", column = "SpliceAI", part = 5, type = "Float", description = "d"},
          {id = "SPLICEAI_GENES", column = "SpliceAI", part = 2, description = "genes"},
        ]""",
    "spliceai.vcf": "##fileformat=VCFv4.2\n"
    '##INFO=<ID=SpliceAI,Number=.,Type=String,Description="">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    f"1\t510\t.\t{base(510)}\t{other(510)}\t.\t.\t"
    "SpliceAI=T|A|0.00|0.00|0.10|0.00|1|2|3|4,T|Z|0.00|0.00|0.91|0.00|1|2|3|4\n",
}


def write_sources(folder: Path, sources: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in sources.items():
        is_manifest = name.endswith(".toml")
        (folder / name).write_text(ABOUT + text if is_manifest else text)
    return folder


def recipe(folder: Path) -> Path:
    """The recipe of the synthetic bundle whose genes have synonyms and one an HGNC id."""
    synthetic.build_bundle(folder)
    genes = folder / "source" / "genes.gff3"
    text = genes.read_text()
    for old, new in (
        ("gene_id=A\n", "gene_id=A;gene_synonym=AA1,SHARED\n"),
        ("gene_id=B\n", "gene_id=B;gene_synonym=OLDB,SHARED"
         ";description=thing [Source:HGNC Symbol%3BAcc:HGNC:77]\n"),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    genes.write_text(text)
    return folder / "source" / "recipe.json"


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


@pytest.mark.parametrize(
    ("change_of", "words"),
    [
        (("file = ", "folder = "), "file: Field required"),
        (('"exons.bed"', '"nowhere.bed"'), "no file"),
        (('"overlap"', '"allele"'), "BED file matches"),
        (('id = "KIT"', 'id = "CSQ"'), "means something else"),
        (('id = "KIT"', 'id = "IN_KIT"'), "called IN_KIT"),
        (('id = "KIT"', 'type = "Float", id = "KIT"'), None),
        (("name = ", "name ="), None),
        (('description = "target"', 'combine = "max", description = "target"'), "numbers only"),
    ],
)
def test_a_manifest_that_is_not_right_is_named(
    change_of: tuple[str, str], words: str | None, tmp_path: Path
) -> None:
    text = SOURCES["exons.toml"].replace(*change_of)
    sources = write_sources(tmp_path / "s", {"exons.toml": text, "exons.bed": SOURCES["exons.bed"]})
    if words is None:
        assert read_folder(sources)[0][0].fields[0].number == "A"
        return
    with pytest.raises(BadRecipe, match=words):
        must_differ([source for source, _ in read_folder(sources)])


def test_the_manifests_of_the_documentation_are_right(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 8
    for number, text in enumerate(blocks):
        (tmp_path / f"{number}.toml").write_text(text)
        (tmp_path / tomllib.loads(text)["file"]).touch()
    sources = [source for source, _ in read_folder(tmp_path)]
    must_differ(sources)
    assert {source.match for source in sources} == {"allele", "position", "gene"}


def test_a_source_of_which_nothing_is_kept_is_an_error(tmp_path: Path) -> None:
    some = {"exons.toml": SOURCES["exons.toml"], "exons.bed": "chr7\t1\t5\tone\n"}
    sources = write_sources(tmp_path / "s", some)
    with pytest.raises(BadRecipe, match="contig not in the bundle: 1"):
        build(recipe(tmp_path), tmp_path / "bundles", lambda _: None, sources=sources)


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    text = SOURCES["cadd.tsv"].replace("PHRED", "SCORE")
    some = {"cadd.toml": SOURCES["cadd.toml"], "cadd.tsv": text}
    path = recipe(tmp_path)
    assert json.loads(path.read_text())["known"]
    with pytest.raises(BadRecipe, match=r"cadd\.tsv names the column PHRED"):
        build(
            path, tmp_path / "bundles", lambda _: None, sources=write_sources(tmp_path / "s", some)
        )
