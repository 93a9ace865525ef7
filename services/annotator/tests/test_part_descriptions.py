"""A part of a file can be written down, sent, and read again."""

import json

import pytest

from annotator.vcf.part_reader import BadDescription, Part
from annotator.vcf.reading import Place

PART = Part(3, Place(1 << 40, 17), line=12, skip=4, records=100_000, first_record=7)


def test_a_description_is_the_part_again() -> None:
    text = PART.to_json()
    assert "\n" not in text
    assert Part.from_json(text) == PART
    assert Part.from_json(text.encode()) == PART


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"records": -1},
        {"line": 0},
        {"records": "5"},
        {"more": 1},
    ],
)
def test_another_description_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadDescription, match=next(iter(change))):
        Part.from_json(json.dumps(json.loads(PART.to_json()) | change))


@pytest.mark.parametrize("text", ["", "[]", "{", "{}"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(BadDescription):
        Part.from_json(text)
