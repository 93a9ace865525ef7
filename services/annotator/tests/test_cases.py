"""Small inputs with right answers, each annotated as a job annotates it."""

import json
from pathlib import Path

import pytest

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.consequences.bundled import engine_of, has_hgvs
from annotator.consequences.engine import Engine
from tests.support import case_judge as judge

CASES = Path(__file__).parent / "data" / "cases"
EXPECTED = json.loads((CASES / "expected.json").read_text())


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return bundles.find("human-mt")


@pytest.fixture(scope="module")
def engine(bundle: Bundle) -> Engine:
    return engine_of(bundle)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_answer_is_right(name: str, engine: Engine, bundle: Bundle, tmp_path: Path) -> None:
    outcome = judge.annotated(CASES / name, engine, bundle, tmp_path)
    assert judge.faults(EXPECTED[name], outcome, has_hgvs(bundle)) == []
    assert judge.faults(EXPECTED[name], outcome, has_names=False) == []
