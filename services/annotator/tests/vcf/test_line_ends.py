"""Lines that end as on old Macintosh and Windows systems, and both in one file."""

import gzip
from pathlib import Path

import pytest

from annotator.vcf.reading import Input
from tests.support.annotation import record, run, vcf

TEXT = vcf(record("73\t.\tA\tG"), record("3460\t.\tG\tA"))
HEADER, RECORDS = TEXT.rsplit(b"INFO\n", 1)
ENDS = {
    "old Macintosh": TEXT.replace(b"\n", b"\r"),
    "old Macintosh, the last line without an end": TEXT.replace(b"\n", b"\r")[:-1],
    "Windows": TEXT.replace(b"\n", b"\r\n"),
    "records of an old Macintosh": HEADER + b"INFO\n" + RECORDS.replace(b"\n", b"\r"),
    "a header of an old Macintosh": TEXT.replace(b"\n", b"\r", 1),
}


def texts(path: Path) -> tuple[bytes, list[int]]:
    blocks = list(Input(path, 1 << 30).blocks())
    return b"".join(block.text for block in blocks), [block.line for block in blocks]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("content", ENDS.values(), ids=ENDS)
def test_the_lines_are_read_whatever_their_ends(
    content: bytes, pack: type[bytes], tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(pack(content))
    assert texts(path)[0] == TEXT


def test_lines_of_later_blocks_have_their_numbers(tmp_path: Path) -> None:
    rows = [record(f"{n}\t.\tN\tA") for n in range(1, 200_000)]
    text = vcf(*rows)
    path = tmp_path / "file"
    path.write_bytes(text.replace(b"\n", b"\r"))
    blocks = list(Input(path, 1 << 30).blocks())
    assert len(blocks) > 1
    lines = text.splitlines()
    assert all(block.text.startswith(lines[block.line - 1] + b"\n") for block in blocks)


def test_a_file_of_an_old_macintosh_is_annotated_and_the_log_says_so(tmp_path: Path) -> None:
    found = run(ENDS["old Macintosh"], tmp_path)
    assert found.counts["annotated"] == 2
    assert "old Macintosh (CR) line ends" in found.log


def test_a_return_inside_a_value_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    content = TEXT.replace(b"\t.\n", b"\tX=a\rb\n", 1)
    path.write_bytes(content)
    assert texts(path)[0] == content
