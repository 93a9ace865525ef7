"""``python -m annotator annotate``, run as people run it."""

import gzip
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pysam
import pytest

from annotator import bundle as bundles
from tests.support.annotation import record, refusal, vcf


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.vcf"
    path.write_bytes(vcf(record("3460\t.\tG\tA"), record("11778\t.\tG\tA")))
    return path


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "annotator", "annotate", *map(str, words)]


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), capture_output=True, text=True, check=False)


def test_the_annotated_file_and_its_index_are_written(source: Path, tmp_path: Path) -> None:
    out, summary = tmp_path / "out.vcf.gz", tmp_path / "counts.json"
    (tmp_path / "qc").mkdir()
    found = run(
        *(source, "-o", out, "--summary", summary, "--tsv", tmp_path / "out.tsv.gz"),
        *("--multiqc", tmp_path / "qc"),
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout == ""
    assert "2 records, 2 annotated" in found.stderr
    with pysam.VariantFile(str(out)) as file:
        assert len(list(file.fetch("MT", 11_700, 11_800))) == 1
    assert json.loads(summary.read_text())["records"] == 2
    assert gzip.decompress((tmp_path / "out.tsv.gz").read_bytes())
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"in.vcf", "out.vcf.gz", "out.vcf.gz.csi", "counts.json", "out.tsv.gz", "qc"}
    counts = json.loads((tmp_path / "qc" / "in.variants_mqc.json").read_text())
    assert counts["data"]["in"]["annotated"] == 2
    assert len(list((tmp_path / "qc").glob("*_mqc.json"))) == 3


def test_a_compressed_file_and_some_transcripts(source: Path, tmp_path: Path) -> None:
    packed = tmp_path / "in.vcf.gz"
    packed.write_bytes(gzip.compress(source.read_bytes()))
    out = tmp_path / "out.vcf.gz"
    found = run(packed, "-o", out, "--transcripts", "picked", "--quiet", "--bundle", "human-mt")
    assert (found.returncode, found.stderr) == (0, "")
    with pysam.VariantFile(str(out)) as file:
        assert [len(one.info["CSQ"]) for one in file] == [1, 1]


def test_a_reference_of_many_gigabytes_is_within_the_limits_of_memory(
    source: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundles" / "human-mt"
    shutil.copytree(bundles.EMBEDDED / "human-mt", bundle)
    with (bundle / "reference.fa").open("r+b") as file:
        file.truncate(12 << 30)  # what is behind the contigs takes no place on the disk
    out = tmp_path / "out.vcf.gz"
    found = run(source, "-o", out, "--bundles", bundle.parent)
    assert found.returncode == 0, found.stderr
    assert out.exists()


def test_a_file_is_refused_in_the_words_of_the_service(tmp_path: Path) -> None:
    content = vcf(record("3460\t.\tG\tA"), "MT\tx\t.\tG\tA\t.\t.\t.")
    (tmp_path / "service").mkdir()
    rejected = refusal(content, tmp_path / "service")
    source, out = tmp_path / "in.vcf", tmp_path / "out.vcf.gz"
    source.write_bytes(content)
    found = run(source, "-o", out)
    assert found.returncode == 1
    assert rejected.message in found.stderr
    assert f"line {rejected.line}: {rejected.code}" in found.stderr
    assert not out.exists()


def test_nothing_is_overwritten_unless_forced(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.vcf.gz"
    out.write_text("precious")
    assert run(source, "-o", out).returncode == 2
    assert out.read_text() == "precious"
    (tmp_path / "out2.vcf.gz.csi").write_text("precious")
    assert run(source, "-o", tmp_path / "out2.vcf.gz").returncode == 2
    assert run(source, "-o", out, "--force").returncode == 0
    assert out.read_bytes().startswith(b"\x1f\x8b")


def test_the_input_is_never_overwritten(source: Path, tmp_path: Path) -> None:
    packed = tmp_path / "in.vcf.gz"
    packed.write_bytes(gzip.compress(source.read_bytes()))
    before = packed.read_bytes()
    found = run(packed, "-o", packed, "--force")
    assert found.returncode == 2
    assert "is the input" in found.stderr
    assert packed.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-o", "{}/o.vcf.gz", "--bundle", "none"), "bundle list"),
        (("-o", "{}/o.vcf"), ".vcf.gz"),
        (("-o", "{}/none/o.vcf.gz"), "is not a folder"),
        (("--quiet",), "required"),
    ],
)
def test_what_cannot_run_says_why(
    words: tuple[str, ...], told: str, source: Path, tmp_path: Path
) -> None:
    found = run(source, *(word.format(tmp_path) for word in words))
    assert found.returncode == 2
    assert told in found.stderr
    assert "Traceback" not in found.stderr


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    found = run(tmp_path / "none.vcf", "-o", tmp_path / "o.vcf.gz")
    assert found.returncode == 2
    assert "No such file" in found.stderr


def test_a_damaged_bundle_says_what_to_do(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bundles" / "human-mt"
    shutil.copytree(bundles.find("human-mt").folder, folder)
    (folder / "transcripts.parquet").write_bytes(b"PAR1")
    found = run(source, "-o", tmp_path / "o.vcf.gz", "--bundles", folder.parent)
    assert found.returncode == 2
    assert "build the bundle again" in found.stderr


def test_progress_is_shown_on_a_terminal_only(source: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    rows = "".join(f"MT\t{at}\t.\tN\tA\t.\t.\t.\n" for at in range(1, 16_000)) * 4
    head = source.read_text().split("MT\t")[0]
    source.write_text(head + "".join(sorted(rows.splitlines(keepends=True))))
    with subprocess.Popen(command(source, "-o", tmp_path / "o.vcf.gz"), stderr=theirs) as running:
        os.close(theirs)
        shown = b""
        while True:
            try:
                got = os.read(ours, 1000)
            except OSError:
                break
            if not got:
                break
            shown += got
    os.close(ours)
    assert running.returncode == 0, shown
    assert b"%" in shown
    assert b"variants" in shown


def test_an_interrupt_leaves_nothing(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.vcf.gz"
    with subprocess.Popen(command(source, "-o", out), stderr=subprocess.PIPE) as running:
        while not list(tmp_path.glob(".gas-*")):
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        running.wait(20)
    assert running.returncode in {0, 130}
    left = {path.name for path in tmp_path.iterdir()}
    assert left in ({"in.vcf"}, {"in.vcf", "out.vcf.gz", "out.vcf.gz.csi"})
