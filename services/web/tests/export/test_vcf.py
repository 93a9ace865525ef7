"""Chosen records of the annotated VCF, read back by bcftools."""

from __future__ import annotations

import gzip
import itertools
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from annotator.runner import protocol
from tests.support.variants import annotate, vcf
from web.export.bgzf import END_OF_FILE, bgzipped
from web.export.records import vcf_of

QUESTION = {"gene": "APP", "impact": "HIGH,MODERATE"}


def bcftools(*words: str | Path) -> str:
    """What bcftools prints; it must not warn."""
    done = subprocess.run(["bcftools", *words], capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout


def records(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def expected(exports: Any) -> list[str]:
    """The lines of the job's VCF whose numbers its table has for the question."""
    sql = (
        "SELECT DISTINCT record FROM t WHERE symbol = 'APP' AND impact IN ('HIGH', 'MODERATE')"
        " ORDER BY record"
    )
    lines = records(gzip.decompress((exports.folder / protocol.RESULT_VCF).read_bytes()).decode())
    return [lines[number - 1] for (number,) in exports.rows(sql)]


@pytest.mark.parametrize("format_", ["vcf", "vcf.gz"])
def test_the_chosen_records_are_the_files_own_lines(
    random: Any, tmp_path: Path, format_: str
) -> None:
    path = tmp_path / f"my.{format_}"
    path.write_bytes(random.get(format_, **QUESTION, sort="-pos").data)
    lines = expected(random)
    assert 100 < len(lines) < 3000
    shown = bcftools("view", "--no-version", path)
    assert records(shown) == lines
    assert "##GAS_filter=gene=APP&impact=HIGH%2CMODERATE" in shown
    assert "##GAS_filter_command=curl " in shown


def test_the_compressed_one_can_be_indexed(random: Any, tmp_path: Path) -> None:
    path = tmp_path / "my.vcf.gz"
    path.write_bytes(random.get("vcf.gz", **QUESTION).data)
    bcftools("index", path)
    assert int(bcftools("index", "--nrecords", path)) == len(expected(random))


def test_a_record_is_kept_whole_and_once_if_one_of_its_alleles_is_chosen(tmp_path: Path) -> None:
    chunks = [gzip.compress(b"##fileformat=VCFv4.2\n#CHROM\n1\n2 A,C\n3\n")]
    found = b"".join(vcf_of(chunks, iter([2]), ["GAS_filter=x"]))
    assert found == b"##fileformat=VCFv4.2\n##GAS_filter=x\n#CHROM\n2 A,C\n"


def test_no_more_of_the_file_is_read_than_is_needed() -> None:
    read = []
    noise = [os.urandom(50_000).hex().encode() for _ in range(100)]  # as large when compressed
    lines = [b"##a\n#CHROM\n", *(b"%d %s\n" % (n, text) for n, text in enumerate(noise))]

    def chunks() -> Any:
        for number, line in enumerate(lines):
            read.append(number)
            yield gzip.compress(line)

    assert b"".join(vcf_of(chunks(), iter([2]), ())).endswith(b"#CHROM\n" + lines[2])
    assert len(read) < 90


def test_lines_longer_than_what_is_read_at_once_are_found() -> None:
    long = [b"%d %s" % (n, bytes([65 + n]) * n * 900_000) for n in range(1, 5)]
    content = gzip.compress(b"#CHROM\n" + b"\n".join((*long, b"")))
    chunks = [content[at : at + 100] for at in range(0, len(content), 100)]
    for chosen in itertools.product([False, True], repeat=4):
        numbers = [n for n, is_chosen in enumerate(chosen, start=1) if is_chosen]
        found = b"".join(vcf_of(chunks, iter(numbers), ())).splitlines()
        assert found == [b"#CHROM", *(long[n - 1] for n in numbers)]


def test_bgzf_is_the_same_content_in_blocks() -> None:
    parts = [b"abc" * n for n in (0, 1, 30_000, 7, 100_000)]
    packed = b"".join(bgzipped(parts))
    assert gzip.decompress(packed) == b"".join(parts)
    assert packed.endswith(END_OF_FILE)
    assert b"".join(bgzipped([])) == END_OF_FILE


def test_a_header_of_ten_thousand_samples_is_kept(tmp_path: Path) -> None:
    record = "21 25891784 . C T 50 PASS DP=9 GT " + " ".join(["0/1"] * 10_000)
    folder = annotate(vcf(tmp_path / "my.vcf", [record] * 3, 10_000), tmp_path / "result")
    compressed = (folder / protocol.RESULT_VCF).read_bytes()
    path = tmp_path / "out.vcf"
    path.write_bytes(b"".join(vcf_of([compressed], iter([2]), ["GAS_filter=x"])))
    assert len(bcftools("query", "-l", path).split()) == 10_000
    assert len(records(path.read_text())) == 1
