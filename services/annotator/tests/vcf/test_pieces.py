"""Separators of a text are counted and found as by Python's own functions."""

import numpy as np
import pytest

from annotator.vcf.columns import Spans
from annotator.vcf.pieces import Separators


@pytest.mark.parametrize("text", [b"", b"a", b",", b",,", b"a,b", b",a,,b,", b"abc,de,f"])
def test_separators_before_each_place_are_counted(text: bytes) -> None:
    found = Separators.of(np.frombuffer(text, dtype=np.uint8), ord(","))
    assert found.places.tolist() == [at for at, byte in enumerate(text) if byte == ord(",")]
    assert found.before.tolist() == [text.count(b",", 0, end) for end in range(len(text) + 1)]


def test_pieces_are_split_as_texts_are() -> None:
    text = b"a,b\tc\t\t,d,"
    starts = [0, 4, 6, 7]
    ends = [3, 5, 6, 10]
    spans = Spans(np.array(starts), np.array(ends))
    parts, of, first = Separators.of(np.frombuffer(text, dtype=np.uint8), ord(",")).split(spans)
    cells = [text[a:b].split(b",") for a, b in zip(starts, ends, strict=True)]
    assert parts.texts(text) == [part for cell in cells for part in cell]
    assert of.tolist() == [n for n, cell in enumerate(cells) for _ in cell]
    assert first.tolist() == [0, 2, 3, 4]
