"""Every event version ever published stays readable: one stored sample of each."""

import json
from pathlib import Path
from typing import Any

import pytest

from gas.events import CATALOGUE

SAMPLES = Path(__file__).parent / "samples"
FILES = sorted(SAMPLES.glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_stored_event_is_still_understood(file: Path) -> None:
    event = CATALOGUE.parse(file.read_text())
    stored = json.loads(file.read_text())
    assert event.id == stored["id"]
    if event.type == stored["type"]:  # an event of an older version is read as a newer one
        assert_grown(json.loads(event.to_json()), stored)


def assert_grown(found: Any, stored: Any) -> None:
    """What was stored is still there; attributes that a body got since may be added."""
    if isinstance(stored, dict):
        for name, value in stored.items():
            assert_grown(found[name], value)
    else:
        assert found == stored


def test_every_current_type_has_a_sample() -> None:
    sampled = {file.stem for file in FILES}
    assert {body.TYPE for body in CATALOGUE.bodies} <= sampled
