"""What is written in blocks is read back by us and by htslib's format, whatever it holds."""

import gzip
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from annotator.vcf import bgzf

NOISE = np.random.default_rng(7).integers(0, 256, 200_000, dtype=np.uint8).tobytes()


TEXTS = {"none": b"", "lines": b"chr1\t1\n" * 50_000, "noise": NOISE}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_blocks_hold_the_text_and_fit_into_64_kib(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "file.gz"
    with bgzf.Writer(path) as out:
        out.write(text)
        out.end()
    assert gzip.decompress(path.read_bytes()) == text
    with path.open("rb") as file:
        found = list(bgzf.blocks(file))
    assert b"".join(content for _, content in found) == text
    begins = [at for at, _ in found]
    assert begins == out.blocks
    assert all(b - a <= 1 << 16 for a, b in pairwise(begins))


@pytest.mark.parametrize("size", [1_000, bgzf.BLOCK_BYTES - 1, bgzf.BLOCK_BYTES, 150_000])
def test_blocks_do_not_depend_on_the_pieces_that_are_written(tmp_path: Path, size: int) -> None:
    whole, pieces = tmp_path / "whole.gz", tmp_path / "pieces.gz"
    with bgzf.Writer(whole) as out:
        out.write(NOISE)
        out.end()
    with bgzf.Writer(pieces) as out:
        for start in range(0, len(NOISE), size):
            out.write(NOISE[start : start + size])
            out.write(b"")
        out.end()
    assert pieces.read_bytes() == whole.read_bytes()
