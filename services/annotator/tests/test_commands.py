"""The check of a file without annotation: rules of the format, limits, and the command."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pysam
import pytest

from annotator import bundle as bundles
from annotator import commands
from tests.support import vcf_rules

BUNDLE = bundles.find("human-mt")


def verdict(content: bytes, folder: Path) -> dict[str, Any]:
    path = folder / "file.vcf"
    path.write_bytes(content)
    return commands.verdict(path, BUNDLE)


def is_caught(content: bytes, folder: Path) -> bool:
    found = verdict(content, folder)
    return not found["valid"] or bool(found["repairs"])


@pytest.mark.parametrize("content", vcf_rules.VALID.values(), ids=vcf_rules.VALID)
def test_a_valid_file_is_accepted_without_complaints(content: bytes, tmp_path: Path) -> None:
    found = verdict(content, tmp_path)
    assert found["valid"]
    assert not [text for text in found["repairs"] if "symbolic" not in text]


def is_refused_by_bcftools(content: bytes, folder: Path) -> bool:
    """True if ``bcftools view`` fails on the file."""
    path = folder / "file.vcf"
    path.write_bytes(content)
    command = [
        sys.executable,
        "-m",
        "annotator.processes.stage",
        "view",
        "-o",
        "/dev/null",
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return bool(done.returncode)


def test_far_more_broken_rules_are_reported_than_bcftools_refuses(tmp_path: Path) -> None:
    missed = [name for name, text in vcf_rules.INVALID.items() if not is_caught(text, tmp_path)]
    theirs = sum(is_refused_by_bcftools(text, tmp_path) for text in vcf_rules.INVALID.values())
    total = len(vcf_rules.INVALID)
    print(f"{total - len(missed)} of {total} broken rules are reported; bcftools refuses {theirs}")
    assert not missed
    assert theirs < total / 2


def test_a_fault_is_reported_with_its_line(tmp_path: Path) -> None:
    found = verdict(vcf_rules.INVALID["INFO integer as text"], tmp_path)
    assert found["valid"]
    assert "line 7: INFO: “DP” is “abc”" in str(found["repairs"])
    found = verdict(vcf_rules.INVALID["POS text"], tmp_path)
    assert (found["valid"], found["code"], found["line"]) == (False, "invalid_vcf", 7)


def test_a_valid_file_on_unknown_contigs_is_valid(tmp_path: Path) -> None:
    found = verdict(vcf_rules.file(vcf_rules.ROW.replace("MT", "chr7")), tmp_path)
    assert found["valid"]


def test_the_command_prints_a_line_for_each_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.vcf", tmp_path / "bad; rm -rf.vcf"
    good.write_bytes(vcf_rules.VALID["phased"])
    bad.write_bytes(b"hello\n")
    gone = tmp_path / "gone.vcf"
    assert commands.main(["check", str(good)]) == 0
    assert commands.main(["check", str(good), str(bad), str(gone)]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["valid"] for line in lines] == [True, True, False, False]
    assert [line["code"] for line in lines] == [None, None, "not_vcf", "unreadable"]
    assert lines[0].keys() == {"file", "valid", "code", "message", "line", "repairs"}


HUGE = vcf_rules.COLUMNS + "\tFORMAT\t" + "\t".join(f"s{n}" for n in range(100_000))


def test_a_header_of_a_hundred_thousand_samples_is_read(tmp_path: Path) -> None:
    row = f"{vcf_rules.ROW}\tGT\t" + "\t".join(["0/1"] * 100_000)
    assert verdict(vcf_rules.file(row, columns=HUGE), tmp_path)["valid"]


def test_more_samples_than_the_limit_are_refused(tmp_path: Path) -> None:
    found = verdict(vcf_rules.file(columns=HUGE + "\tone-more"), tmp_path)
    assert found["code"] == "invalid_vcf"
    assert "100,001 samples" in str(found["message"])


def test_an_endless_line_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "file.vcf"
    with path.open("wb") as file:
        file.write(vcf_rules.file() + b"MT\t73\t.\tA\t")
        for _ in range(80):
            file.write(b"A" * (1 << 20))
    found = commands.verdict(path, BUNDLE)
    assert (found["code"], found["line"]) == ("limit_exceeded", 7)


def test_too_many_records_at_one_position_are_refused(tmp_path: Path) -> None:
    row = (vcf_rules.ROW + "\n").encode()
    found = verdict(vcf_rules.file() + row * 30_000, tmp_path)
    assert found["code"] == "limit_exceeded"
    assert "one position" in str(found["message"])


def test_a_nul_byte_is_refused_with_its_line(tmp_path: Path) -> None:
    found = verdict(vcf_rules.file(vcf_rules.ROW, vcf_rules.ROW + "\x00"), tmp_path)
    assert (found["code"], found["line"]) == ("invalid_vcf", 8)


def test_text_in_latin_1_is_converted_to_utf_8(tmp_path: Path) -> None:
    content = vcf_rules.file(vcf_rules.ROW, meta="##source=Universit\xe9\n").decode()
    found = verdict(content.encode("latin-1"), tmp_path)
    assert found["valid"]
    assert "Latin-1" in str(found["repairs"])


def test_bgzf_blocks_are_read_as_one_text(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    rows = [vcf_rules.ROW.replace("73\t.\tA\tG", f"{n}\t.\tN\tA") for n in range(1, 16_000)]
    plain.write_bytes(vcf_rules.file(*rows))
    pysam.tabix_compress(str(plain), str(tmp_path / "packed.vcf.gz"))
    assert commands.verdict(tmp_path / "packed.vcf.gz", BUNDLE)["valid"]
