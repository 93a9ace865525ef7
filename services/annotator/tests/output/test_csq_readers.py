"""Programs that read VEP's CSQ read ours: bcftools +split-vep, vembrane, cyvcf2; and its rules."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from annotator import bundle as bundles
from annotator.consequences import vocabulary
from annotator.consequences.csq_format import VEP_FIELDS
from tests.support.annotation import Annotated, Entry, info_of, run, vcf

DATA = Path(__file__).parent.parent / "data" / "grch38-21q21"
VEMBRANE = Path(sys.executable).with_name("vembrane")
MORE = (
    "21\t25891784\t.\tC\tT,A,CT\t.\t.\tX=a=b",
    "21\t25891784\t.\tC\tT,<DEL>,*\t.\t.\tEND=25891800",
    "21\t24985580\t.\tA\tC\t.\t.\t.",  # outside the windows: no entry at all
    "21\t26020000\t.\tN\tA\t.\t.\t.",
)
"""Records of several alleles, and such as have no CSQ."""


def finds_plugins() -> bool:
    if not shutil.which("bcftools"):
        return False
    return not subprocess.run(
        ["bcftools", "+split-vep", "-h"], capture_output=True, check=False
    ).stdout.startswith(b"Could not")


needs_bcftools = pytest.mark.skipif(
    not (shutil.which("bcftools") and finds_plugins()),
    reason="NOT TESTED: bcftools with its plugin split-vep is not here (Debian's package has it)",
)
needs_vembrane = pytest.mark.skipif(
    not VEMBRANE.exists(), reason="NOT TESTED: vembrane runs on Python 3.12 and later"
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Annotated:
    """Random variants of real genes, and a few odd ones."""
    folder = tmp_path_factory.mktemp("readers")
    source = subprocess.run(
        ["gzip", "-dc", DATA / "random.vcf.gz"], capture_output=True, check=True
    ).stdout.decode()
    rows = [line for line in source.splitlines() if not line.startswith("#")]
    header = "##fileformat=VCFv4.2\n##contig=<ID=21,length=46709983>\n"
    header += '##INFO=<ID=END,Number=1,Type=Integer,Description="end">\n'
    header += '##INFO=<ID=X,Number=1,Type=String,Description="text">\n'
    done = run(vcf(*rows, *MORE, header=header), folder, bundle=bundles.find("grch38-21q21"))
    assert len(done.records) == 6_004
    return done


def lines_of(*command: object) -> tuple[list[str], str]:
    """The lines that a program writes, which must end well, and what it complains of."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), done.stderr


def bcftools(*words: object) -> list[str]:
    """The lines that bcftools writes, which must complain of nothing."""
    lines, complaint = lines_of("bcftools", *words)
    assert complaint == ""
    return lines


def vembrane(*words: object) -> list[str]:
    """The lines that vembrane writes; it says that it has no types for some fields."""
    return lines_of(VEMBRANE, *words)[0]


def records_with(term: str, found: Annotated) -> int:
    return sum(term in terms for terms in found.terms)


@needs_bcftools
def test_split_vep_lists_the_fields(found: Annotated) -> None:
    listed = [line.split("\t") for line in bcftools("+split-vep", "-l", found.path)]
    assert [name for _, name in listed] == list(found.fields)
    assert found.fields[: len(VEP_FIELDS)] == tuple(VEP_FIELDS)


@needs_bcftools
def test_split_vep_reads_every_entry(found: Annotated) -> None:
    lines = bcftools("+split-vep", "-d", "-A", "|", "-f", "%CSQ\n", found.path)
    wanted = [
        text for fields in found.records for text in info_of(fields).get("CSQ", ".").split(",")
    ]
    told = [line for line in lines if line != "."]
    # It writes a dot for a field that is empty.
    shown = ["|".join(cell or "." for cell in text.split("|")) for text in wanted if text != "."]
    assert told == shown
    assert len(told) > 30_000


@needs_bcftools
@pytest.mark.parametrize("term", ["missense_variant", "frameshift_variant", "stop_gained"])
def test_split_vep_filters_by_consequence(term: str, found: Annotated) -> None:
    lines = bcftools(
        *("+split-vep", "-c", "Consequence", "-i", f'Consequence~"{term}"'),
        *("-f", "%POS\n", found.path),
    )
    assert len(lines) == records_with(term, found) > 50


@needs_vembrane
@pytest.mark.parametrize("term", ["missense_variant", "frameshift_variant", "stop_gained"])
def test_vembrane_filters_by_consequence(term: str, found: Annotated) -> None:
    lines = vembrane("filter", "-k", "CSQ", f'"{term}" in ANN["Consequence"]', found.path)
    assert sum(line[0] != "#" for line in lines) == records_with(term, found) > 50


def test_the_table_has_the_same_consequences(found: Annotated) -> None:
    rows = {
        (row["POS"], row["REF"], row["ALT"])
        for row in found.table
        if "missense_variant" in row["CONSEQUENCE"].split("&")
    }
    wanted = {
        (fields[1], fields[3], fields[4])
        for fields, terms in zip(found.records, found.terms, strict=True)
        if "missense_variant" in terms
    }
    assert rows == wanted


@needs_vembrane
def test_vembrane_makes_a_table_of_all_fields(found: Annotated) -> None:
    cells = ", ".join(f'ANN["{name}"]' for name in found.fields)
    lines = vembrane("table", "-k", "CSQ", f"POS, {cells}", found.path)
    without = sum(not of_record for of_record in found.csq)
    assert len(lines) == 1 + sum(map(len, found.csq)) + without


@needs_bcftools
@pytest.mark.parametrize(
    ("selection", "field", "value", "since"),
    [
        ("primary", "CANONICAL", "YES", (1, 10)),
        ("pick", "PICK", "1", (1, 20)),
        ("mane", "MANE_SELECT", "", (1, 20)),
    ],
)
def test_split_vep_selects_transcripts(
    selection: str, field: str, value: str, since: tuple[int, int], found: Annotated
) -> None:
    version = bcftools("--version-only")[0]
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < since:
        pytest.skip(f"NOT TESTED: bcftools {version} does not know -s {selection}")
    wanted = [
        {one["Feature"] for one in of_record if one[field] and value in {one[field], ""}}
        for of_record in found.csq
    ]
    shown = bcftools("+split-vep", "-s", selection, "-f", "%Feature\n", found.path)
    told = [set(line.split(",")) for line in shown if line != "."]
    some = [features for features in wanted if features - {""}]
    assert len(told) == len(some)
    assert all(one <= features for one, features in zip(told, some, strict=True))
    assert selection == "mane" or len(told) > 3_000


def test_cyvcf2_reads_every_entry(found: Annotated) -> None:
    cyvcf2 = pytest.importorskip("cyvcf2", reason="NOT TESTED: cyvcf2 is not installed")
    with_csq = [
        str(record.INFO["CSQ"]).split(",")
        for record in cyvcf2.VCF(str(found.path))
        if record.INFO.get("CSQ") is not None
    ]
    wanted = [of_record for of_record in found.csq if of_record]
    assert [len(of_record) for of_record in with_csq] == [len(of_record) for of_record in wanted]
    assert with_csq[0][0].split("|") == list(wanted[0][0].values())


def test_every_entry_keeps_the_rules(found: Annotated) -> None:
    assert not [fields for fields in found.records if "CSQ=." in fields[7].split(";")]
    for number, fields in enumerate(found.records):
        text = info_of(fields).get("CSQ")
        assert (text is not None) == bool(found.csq[number])
        for entry in found.csq[number]:
            lint(entry, fields[4].split(","))


def lint(entry: Entry, alts: list[str]) -> None:
    """Assert what readers of CSQ rely on."""
    text = "|".join(entry.values())
    assert not re.search(r"[\s;=\",]", text), text
    assert not {".", "-"} & set(list(entry.values())[1:]), text
    terms = entry["Consequence"].split("&")
    ranks = [vocabulary.RANK[term] for term in terms]  # a KeyError: not one of VEP's 41 terms
    assert ranks == sorted(set(ranks)), text
    assert entry["IMPACT"] == vocabulary.IMPACTS[terms[0]], text
    assert alts[int(entry["ALLELE_NUM"]) - 1] not in {"*", "."}, text
    assert entry["PICK"] in {"", "1"}
    assert entry["STRAND"] in {"", "1", "-1"}
    for name in ("EXON", "INTRON"):
        assert re.fullmatch(r"(?:\d+(?:-\d+)?/\d+)?", entry[name]), text
    for name in ("cDNA_position", "CDS_position", "Protein_position"):
        assert re.fullmatch(r"(?:(?:\d+|\?)(?:-(?:\d+|\?))?)?", entry[name]), text


def test_the_header_has_what_readers_look_for(found: Annotated) -> None:
    lines = found.text.splitlines()
    (csq,) = (line for line in lines if line.startswith("##INFO=<ID=CSQ"))
    assert re.fullmatch(
        r'##INFO=<ID=CSQ,Number=\.,Type=String,Description="[^":#|]*Format: [^ ":#]*">', csq
    )
    (vep,) = (line for line in lines if line.startswith("##VEP="))
    assert 'assembly="GRCh38"' in vep
    ids = [line.split("ID=")[1].split(",")[0] for line in lines if line.startswith("##INFO=")]
    assert [id for id in ids if "CSQ" in id] == ["CSQ"]
    own = [name for name in found.fields if name.startswith("GAS_")]
    assert all(re.fullmatch("GAS_[a-z0-9_]+", name) for name in own)
    assert len({name.lower() for name in found.fields}) == len(found.fields)


@needs_bcftools
def test_bcf_and_back_changes_nothing(found: Annotated, tmp_path: Path) -> None:
    bcf = tmp_path / "result.bcf"
    bcftools("view", "-Ob", "-o", bcf, found.path)
    lines = bcftools("view", "-H", bcf)
    assert lines == ["\t".join(fields) for fields in found.records]


@pytest.mark.parametrize(
    "wrong",
    [
        {"Consequence": "missense"},
        {"Consequence": ""},
        {"Consequence": "intron_variant&missense_variant"},
        {"IMPACT": "HIGH"},
        {"EXON": "3"},
        {"CDS_position": "605/1200"},
        {"SYMBOL": "."},
        {"HGVSp": "p.Leu3="},
        {"ALLELE_NUM": "2"},
    ],
    ids=str,
)
def test_the_rules_notice_a_wrong_entry(wrong: Entry, found: Annotated) -> None:
    entry = next(one for of in found.csq for one in of if one["Consequence"] == "missense_variant")
    right = entry | {"ALLELE_NUM": "1"}
    lint(right, ["C", "*"])
    with pytest.raises((AssertionError, KeyError)):
        lint(right | wrong, ["C", "*"])
