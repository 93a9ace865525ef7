"""How long blocks of lines are."""

from pathlib import Path

import pytest

from annotator.vcf import blocks, reading
from annotator.vcf.reading import Input

LINES = [b"##line %02d\n" % number for number in range(40)]


def test_blocks_become_shorter_while_a_file_is_read_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One for the blocks, one for the pieces that are read.
    for module, name in ((blocks, 100), (reading, 10)):
        monkeypatch.setattr(module, "BLOCK_BYTES", name)
    path = tmp_path / "some.vcf"
    path.write_bytes(b"".join(LINES))
    source = Input(path, 10_000)
    found = []
    for block in source.blocks():
        found.append(block.text)
        source.shorten_blocks(0.5)
    assert b"".join(found) == b"".join(LINES)
    assert all(text.endswith(b"\n") for text in found)
    assert len(found[0]) >= 100
    assert {len(text) for text in found[1:-1]} < set(range(5, 30))
