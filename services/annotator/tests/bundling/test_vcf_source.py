"""The reading of sources that are VCF: names of contigs as in ClinVar and dbSNP, and damage."""

import gzip
from pathlib import Path

import pytest

from annotator import commands
from annotator.bundling.recipe import BadRecipe
from annotator.bundling.vcf_source import vcf_rows

HEAD = '##fileformat=VCFv4.1\n##INFO=<ID=RS,Number=1,Type=Integer,Description="d">\n'
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def rows_of(path: Path, text: str) -> list[list[str]]:
    path.write_text(text)
    return list(vcf_rows(path, ["INFO/RS"], ["1", "chr1"], lambda _: None))


def row(contig: str, number: int) -> str:
    return f"{contig}\t{number}\t.\tA\tC\t.\t.\tRS={number}\n"


@pytest.mark.parametrize("contigs", ["", "##contig=<length=9,ID=1>\n##contig=<ID=2>\n"])
def test_rows_on_contigs_that_no_header_names_do_not_end_the_reading(
    contigs: str, tmp_path: Path
) -> None:
    """ClinVar has rows on NT_113889.1, dbSNP on NW_…, and their headers name no contig."""
    names = ["1", "1", "NT_113889.1", "1", "11", "NW_009646201.1"]
    text = "".join(row(name, number) for number, name in enumerate(names, 1))
    found = rows_of(tmp_path / "a.vcf", HEAD + contigs + COLUMNS + text)
    assert [int(one[4]) for one in found] == [1, 2, 3, 4, 5, 6]
    assert [number for chrom, *_, number in found if chrom == "1"] == ["1", "2", "4"]
    assert len({chrom for chrom, *_ in found}) == 2


def test_all_rows_are_there_wherever_chunks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.bundling.vcf_source._CHUNK_BYTES", 50)
    text = "".join(row("1" if n < 30 else "NT_1" if n < 40 else "chr1", n) for n in range(1, 60))
    found = rows_of(tmp_path / "a.vcf", HEAD + COLUMNS + text)
    assert [int(one[4]) for one in found] == list(range(1, 60))
    assert [chrom for chrom, *_ in found].count("chr1") == 20


def test_half_a_file_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    text = HEAD + COLUMNS + "".join(row("1", n) for n in range(1, 20_000))
    packed = gzip.compress(text.encode())
    path = tmp_path / "clinvar.vcf.gz"
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(BadRecipe, match=r"clinvar\.vcf\.gz is incomplete or damaged"):
        list(vcf_rows(path, ["INFO/RS"], ["1"], lambda _: None))


def test_what_bcftools_cannot_read_is_told_in_its_own_words_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadRecipe, match=r"with INFO/RS: .*no such tag"):
        rows_of(tmp_path / "a.vcf", (HEAD + COLUMNS + row("1", 1)).replace("RS", "R"))
    assert capfd.readouterr().err == ""


def test_an_interrupted_command_says_what_the_same_command_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "build", interrupted)
    assert commands.main(["bundle", "build", "any", "--from", str(tmp_path)]) == 130
    assert "goes on behind the last finished step" in capsys.readouterr().err
