"""A list of names as a job's input: told from other files, annotated, and what was wrong listed."""

import gzip
from pathlib import Path

import pytest

from annotator import bundle as bundles
from annotator.commands import verdict
from annotator.diagnostics import Diagnostics, Kind
from annotator.recognition import head_of, recognise
from annotator.rejection import Rejected
from annotator.variant_names import as_vcf, rs_numbers
from annotator.variant_names.listing import is_list
from gas.events import FailureCode
from tests.support.annotation import Annotated, run
from tests.support.variants import DEMO

LIST = """\
# What the panel asked for
rs63750264
APP:c.2149G>T, APP c.2149G>T (p.Val717Phe)
ENST00000346798.7:c.2137G&gt;A
21 25606638 . A G
APP:p.Ala713Thr
21:g.25891784G>A
rs63750264\r
"""


def written(text: str | bytes, folder: Path, name: str = "list.txt") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def annotated(text: str, folder: Path) -> Annotated:
    return run(text.encode(), folder, bundle=bundles.find(DEMO))


def test_a_list_is_annotated_and_what_is_wrong_is_listed_by_line(tmp_path: Path) -> None:
    done = annotated(LIST, tmp_path)
    assert [record[:5] for record in done.records] == [
        ["21", "25606638", "rs3989369", "A", "G"],
        ["21", "25891784", "APP:c.2149G>T", "C", "A"],
        ["21", "25891784", "rs63750264", "C", "A,G,T"],
        ["21", "25891796", "ENST00000346798.7:c.2137G>A", "C", "T"],
    ]
    assert {entry["Existing_variation"] for entry in done.csq[2]} == {"rs63750264"}
    unresolved = [row for row in done.log.splitlines() if row.startswith("unresolved")]
    assert unresolved == [
        "unresolved\tline 6\t“APP:p.Ala713Thr”: a change of a protein may come from several of DNA:"
        " give its c. or g. name",
        "unresolved\tline 7\t“21:g.25891784G>A”: the reference has C there, not G",
    ]
    assert "repair\tline 3\t“APP:c.2149G>T” was read in ENST00000346798.7" in done.log
    told = [one for one in done.summary["diagnostics"] if one["kind"] == "unresolved"]
    assert [(one["count"], one["first"][0]["line"]) for one in told] == [(1, 6), (1, 7)]
    faults = [one["rule"] for one in done.summary["diagnostics"] if one["kind"] == "fault"]
    assert faults == ["allele-again"], "C>A is one of the alleles of rs63750264 too"


def test_what_is_noted_of_the_vcf_has_the_lines_of_the_list(tmp_path: Path) -> None:
    done = annotated("#\n#\n21:g.25891784C>T\n21:g.25891784C>T\n" + "rs1\n" * 3, tmp_path)
    lines = {row.split("\t")[1] for row in done.log.splitlines() if row.startswith("unresolved")}
    assert lines == {"line 5", "line 6", "line 7"}
    assert len(done.records) == 1


def test_a_note_on_a_line_of_the_vcf_names_the_line_of_the_list(tmp_path: Path) -> None:
    path = written("#\nrs1\n21:g.25891784C>T\n21-25606638-A-G\n", tmp_path)
    named = as_vcf.as_vcf(path, tmp_path, bundles.find(DEMO), 1 << 20, lambda _: None)
    assert named
    vcf = named.path.read_text().splitlines()
    noted = Diagnostics()
    for number, line in enumerate(vcf, start=1):
        if line.startswith("21\t"):
            noted.add(Kind.KEPT, number, line.split("\t")[1])
    noted.add(Kind.LIMITED, None, "of the whole file")
    told = list(named.with_lines_of_list(noted).rows())
    assert told.pop(0).startswith("unresolved\tline 2\t")
    assert set(told) == {
        "kept\tline 4\t25606638",
        "kept\tline 3\t25891784",
        "limited\t\tof the whole file",
    }


def test_a_name_is_the_id_of_one_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = {5: [("21", 25891784, "C", "T"), ("21", 25606638, "A", "G")]}
    monkeypatch.setattr(rs_numbers, "find", lambda *_: places)
    path = written("rs5\n", tmp_path)
    named = as_vcf.as_vcf(path, tmp_path, bundles.find(DEMO), 1 << 20, lambda _: None)
    assert named
    records = [line.split("\t")[1:3] for line in named.path.read_text().splitlines()[-2:]]
    assert records == [["25606638", "rs5"], ["25891784", "."]]


def test_the_provenance_is_of_the_list_as_it_was_sent(tmp_path: Path) -> None:
    assert annotated(LIST, tmp_path).provenance["input"]["size_bytes"] == len(LIST.encode())


def test_a_list_of_which_nothing_is_found_is_refused_with_the_reasons(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as refused:
        annotated("rs1\n\nAPP:p.Val717Ile\n" + "rs2\n" * 9, tmp_path)
    assert refused.value.code is FailureCode.NOT_VCF
    assert refused.value.line == 1
    assert "line 1: “rs1”: not among" in refused.value.message
    assert "line 3: “APP:p.Val717Ile”: a change of a protein" in refused.value.message
    assert refused.value.message.endswith("and 6 more.")


def test_a_list_of_too_many_names_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_vcf, "MOST_NAMES", 3)
    path = written("rs1 rs2\nrs3\nrs4\n", tmp_path)
    with pytest.raises(Rejected, match="more than 3 names") as refused:
        as_vcf.as_vcf(path, tmp_path, bundles.find(DEMO), 1 << 20, lambda _: None)
    assert (refused.value.code, refused.value.line) == (FailureCode.LIMIT_EXCEEDED, 3)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("rs1\n", True),
        ("\ufeffrs1, rs2; rs3", True),
        ("variant\nrs1\nrs2\n", True),
        ("#comment\r\nAPP:c.2149G>T\r\n", True),
        ("NM_000484.4(APP):c.2149G>A (p.Val717Ile)\n", True),
        ("m.11778G>A\n21-25891784-C-T\n", True),
        ("21 25891784 C T\nrs5\n", True),
        ("APP:p.Val717Ile\n", True),
        ("# rsid\tchromosome\tposition\tgenotype\nrs4477212\t1\t82154\tAA\n", False),
        ('rsid,chromosome,position,result\n"rs1","1","5","AA"\n', False),
        ("##fileformat=VCFv4.2\n#CHROM\tPOS\n21\t5\trs1\tA\tC\t.\t.\t.\n", False),
        ("21\t25891784\trs1\tC\tT\t.\t.\t.\n", False),
        ("hello\nrs1\nworld\nagain\n", False),
        (">chr1\nACGT\n", False),
        ("", False),
    ],
)
def test_lists_are_told_from_other_files(text: str, *, is_one: bool, tmp_path: Path) -> None:
    assert is_list(written(text, tmp_path)) is is_one


def test_a_compressed_list_is_one_too(tmp_path: Path) -> None:
    assert is_list(written(gzip.compress(b"rs1\nrs2\n"), tmp_path))
    assert not is_list(written(gzip.compress(b"rs1\nrs2\n")[:12], tmp_path))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("m.11778G>A\n", "human-mt"),
        ("NC_000021.9:g.25891784C>T\nrs1\n", DEMO),
        ("21-25891784-C-T\n", DEMO),
        ("chrM 11778 . G A\nrs1\n", "human-mt"),
    ],
)
def test_genomic_names_tell_the_reference(text: str, name: str, tmp_path: Path) -> None:
    head = head_of(written(text, tmp_path))
    assert recognise(head, bundles.installed()).manifest.name == name


@pytest.mark.parametrize("text", ["rs1\n", "APP:c.2149G>A\n", "21:g.25891784G>A\n"])
def test_where_they_do_not_the_user_is_asked_to_choose(text: str, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match=r"available|Choose one of these") as refused:
        recognise(head_of(written(text, tmp_path)), bundles.installed())
    assert refused.value.code is FailureCode.WRONG_BUILD


def test_the_check_judges_a_list_as_a_job_does(tmp_path: Path) -> None:
    good = verdict(written(LIST, tmp_path), bundles.find(DEMO))
    assert good["valid"]
    assert any(repair.startswith("line 6: “APP:p.Ala713Thr”") for repair in good["repairs"])
    assert verdict(written("rs1\n", tmp_path), bundles.find(DEMO))["line"] == 1
