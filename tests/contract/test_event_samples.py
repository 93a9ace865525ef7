"""Every event version that was ever published stays readable: there is one sample of each."""

import json
from pathlib import Path
from typing import Any

import pytest

from gas.events import CATALOGUE

SAMPLES = Path(__file__).parent / "samples"
FILES = sorted(SAMPLES.glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_stored_event_can_still_be_read(file: Path) -> None:
    event = CATALOGUE.parse(file.read_text())
    stored = json.loads(file.read_text())
    assert event.id == stored["id"]
    if event.type == stored["type"]:  # an older version is upcast to a newer type
        assert_has_all_of(json.loads(event.to_json()), stored)


def assert_has_all_of(found: Any, stored: Any) -> None:
    """All stored attributes are still there; newer ones may be added."""
    if isinstance(stored, dict):
        for name, value in stored.items():
            assert_has_all_of(found[name], value)
    else:
        assert found == stored


def test_every_current_type_has_a_sample() -> None:
    sampled = {file.stem for file in FILES}
    assert {body.TYPE for body in CATALOGUE.bodies} <= sampled
