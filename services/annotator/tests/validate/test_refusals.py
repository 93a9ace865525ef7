"""Files that are refused: with what is wrong, where, and what to do."""

import gzip
import zlib
from pathlib import Path

import pysam
import pytest

from gas.events import FailureCode
from tests.support.annotation import COLUMNS, HEADER, record, refusal, vcf

BROKEN_GZIP = gzip.compress(vcf(*(record(f"{n}\t.\tN\tA") for n in range(1, 2000))))[:-300]
NOT_VCF = {
    "empty": (b"", "empty"),
    "text": (b"hello world\n", "text file"),
    "html": (b"<!doctype html><p>hi", "HTML"),
    "png": (b"\x89PNG\r\n\x1a\n123", "PNG"),
    "zip": (b"PK\x03\x04123", "ZIP"),
    "utf-16": ("##fileformat=VCFv4.2\n".encode("utf-16"), "UTF-16"),
    "header without columns": (HEADER.encode(), "#CHROM"),
    "gzip of text": (gzip.compress(b"hello"), "text file"),
    "empty gzip": (gzip.compress(b""), "no lines"),
}


@pytest.mark.parametrize(("content", "word"), NOT_VCF.values(), ids=NOT_VCF)
def test_a_file_that_is_not_a_vcf_is_refused_with_what_it_looks_like(
    content: bytes, word: str, tmp_path: Path
) -> None:
    rejected = refusal(content, tmp_path)
    assert rejected.code is FailureCode.NOT_VCF
    assert word in rejected.message


DAMAGED = {
    "truncated gzip": BROKEN_GZIP,
    "corrupt gzip": gzip.compress(vcf())[:-8] + b"12345678",
    "gzip header alone": gzip.compress(vcf())[:10],
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused(content: bytes, tmp_path: Path) -> None:
    rejected = refusal(content, tmp_path)
    assert rejected.code is FailureCode.DAMAGED_FILE
    assert "again" in rejected.message


def test_a_bgzf_file_without_its_end_block_is_damaged(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(vcf(record("3460\t.\tG\tA")))
    pysam.tabix_compress(str(plain), str(tmp_path / "packed"))
    cut = (tmp_path / "packed").read_bytes()[:-28]
    assert zlib.decompress(cut, wbits=31)  # still a valid gzip: only the end block is missing
    assert refusal(cut, tmp_path).code is FailureCode.DAMAGED_FILE


INVALID = {
    "spaces for tabs": (b"MT 3460 . G A . . .", "spaces", FailureCode.INVALID_VCF),
    "too few columns": (b"MT\t3460\t.\tG", "columns", FailureCode.INVALID_VCF),
    "too many columns": (b"MT\t3460\t.\tG\tA\t.\t.\t.\tx", "columns", FailureCode.INVALID_VCF),
    "text as POS": (b"MT\tx\t.\tG\tA\t.\t.\t.", "POS", FailureCode.INVALID_VCF),
    "POS below 0": (b"MT\t-1\t.\tG\tA\t.\t.\t.", "POS", FailureCode.INVALID_VCF),
    "an empty column": (b"MT\t3460\t\tG\tA\t.\t.\t.", "ID", FailureCode.INVALID_VCF),
}


@pytest.mark.parametrize(("line", "word", "code"), INVALID.values(), ids=INVALID)
def test_a_faulty_record_is_refused_with_its_line(
    line: bytes, word: str, code: FailureCode, tmp_path: Path
) -> None:
    rejected = refusal(vcf(record("73\t.\tA\tG")) + line + b"\n", tmp_path)
    assert rejected.code is code
    assert rejected.line == 5
    assert word in rejected.message


def test_a_malformed_genotype_is_refused_with_its_line_and_sample(tmp_path: Path) -> None:
    for genotype in ("a/b", "0/", "0//1", "0/1/"):
        row = f"MT\t73\t.\tA\tG\t.\t.\t.\tGT\t0/1\t{genotype}"
        rejected = refusal(vcf(row, columns=f"{COLUMNS}\tFORMAT\tleft\tright"), tmp_path)
        assert (rejected.code, rejected.line) == (FailureCode.INVALID_VCF, 4)
        assert genotype in rejected.message
        assert "right" in rejected.message


def test_a_contig_of_another_length_means_another_build(tmp_path: Path) -> None:
    header = "##fileformat=VCFv4.2\n##contig=<ID=MT,length=16571>\n"
    assert refusal(vcf(header=header), tmp_path).code is FailureCode.WRONG_BUILD


def test_a_file_that_decompresses_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    bomb = gzip.compress(vcf() + b"#" * (3 << 20))
    rejected = refusal(bomb, tmp_path, max_inflated_bytes=2 << 20)
    assert rejected.code is FailureCode.LIMIT_EXCEEDED
