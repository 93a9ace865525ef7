"""The record's own columns in the table: bounded for many alleles, harmless in spreadsheets."""

from __future__ import annotations

import gzip
from itertools import product
from pathlib import Path

import pytest

from annotator.runner import protocol
from tests.support.annotation import run

HEAD = b"##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
A_BASE = 11_698  # C, in MT-ND4


def table_of(content: bytes, folder: Path) -> list[list[str]]:
    """The lines of the table, without its header."""
    run(HEAD + content, folder)
    text = gzip.decompress((folder / protocol.RESULT_TSV).read_bytes()).decode()
    return [line.split("\t") for line in text.splitlines()[1:]]


def test_a_line_of_a_record_with_very_many_alleles_has_its_own_alone(tmp_path: Path) -> None:
    words = ["".join(bases) for bases in product("ACGT", repeat=6)][:3_000]
    alts = [f"C{word}" for word in words]
    record = f"MT\t{A_BASE}\t.\tC\t{','.join(alts)}\t.\t.\t.\n".encode()
    lines = table_of(record, tmp_path)
    # ALLELE_NUM is the column behind FILTER
    assert {alts[int(line[7]) - 1] == line[4] for line in lines} == {True}
    assert len({line[4] for line in lines}) == len(alts)
    assert sum(len("\t".join(line)) for line in lines) < 200 * len(lines)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum"])
def test_what_a_spreadsheet_would_compute_has_an_apostrophe(text: str, tmp_path: Path) -> None:
    record = f"MT\t11778\t{text}\tG\tA\t.\t{text}\t.\nMT\t{A_BASE}\tme=1\tC\tT\t.\tq\t.\n".encode()
    lines = table_of(record, tmp_path)
    cells = {(line[2], line[6]) for line in lines if line[1] == "11778"}
    assert cells == {(f"'{text}", f"'{text}")}
    assert {(line[2], line[6]) for line in lines if line[1] != "11778"} == {("me=1", "q")}
