"""Headers that are written are valid, whatever names the upload has."""

import re
from pathlib import Path

from annotator.vcf.meta_lines import STRUCTURED
from tests.support.annotation import HEADER, record, run, vcf

GOOD = [record(f"{position}\t.\tA\tG") for position in (73, 263, 750)]
_LINE = re.compile(rb'##\w+=<ID=[^\s,<>"=;]+(?:,\w+=(?:"(?:[^"\\]|\\.)*"|[^,"<>]*))*>')


def added(content: bytes, folder: Path) -> list[bytes]:
    """The structured lines of the result's header that the upload has not."""
    text = run(content, folder).text.encode()
    theirs = content.splitlines()
    return [
        line
        for line in text.splitlines()
        if line.partition(b"=")[0][2:] in STRUCTURED and line not in theirs
    ]


def test_names_that_no_header_can_have_are_not_defined(tmp_path: Path) -> None:
    odd = (
        'MT\t1438\t.\tA\tG\t.\ta,b;c"d;e>f;plain\tK,1=2;9X=1;FINE=2',
        "2,b\t5\t.\tA\tG\t.\t.\t.",
        "chr<3\t5\t.\tA\tG\t.\t.\t.",
    )
    lines = added(vcf(*GOOD, *odd), tmp_path)
    assert all(_LINE.fullmatch(line) for line in lines)
    assert any(line.startswith(b"##FILTER=<ID=plain,") for line in lines)
    assert any(line.startswith(b"##INFO=<ID=FINE,") for line in lines)
    assert not [line for line in lines if b"2,b" in line or b"chr<3" in line]


def test_latin_1_and_quotes_in_the_header_come_back_as_valid_lines(tmp_path: Path) -> None:
    theirs = '##INFO=<ID=X,Number=1,Type=String,Description="a \\"b\\" é, <c>">\n'
    found = run(vcf(*GOOD, header=HEADER + theirs).decode().encode("latin-1"), tmp_path)
    assert theirs.strip() in found.text.splitlines()
