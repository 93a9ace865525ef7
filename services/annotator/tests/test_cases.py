"""Small inputs with right answers, each annotated as a job annotates it."""

import json
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.consequences.bundled import engine_of, has_hgvs
from annotator.consequences.engine import Engine
from tests.support import case_judge as judge

CASES = Path(__file__).parent / "data" / "cases"
EXPECTED = json.loads((CASES / "expected.json").read_text())
REFUSED_TOO_SOON = {
    "pos-past-end.vcf": "one POS behind the end of a contig costs the whole file",
    "loose-types.vcf": "one value of a wrong type costs the whole file",
    "one-wrong-ref.vcf": "one wrong REF of four counts as another build",
    "old-mac.vcf": "the refusal does not name the line ends",
}
"""What the validation does not do yet."""


def _case(name: str) -> ParameterSet:
    why = REFUSED_TOO_SOON.get(name)
    return pytest.param(name, marks=[pytest.mark.xfail(reason=why, strict=True)] if why else [])


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return bundles.find("human-mt")


@pytest.fixture(scope="module")
def engine(bundle: Bundle) -> Engine:
    if not has_hgvs(bundle):
        pytest.skip("the answers are told in HGVS")
    return engine_of(bundle)


@pytest.mark.parametrize("name", map(_case, EXPECTED))
def test_the_answer_is_right(name: str, engine: Engine, bundle: Bundle, tmp_path: Path) -> None:
    outcome = judge.annotated(CASES / name, engine, bundle, tmp_path)
    assert judge.faults(EXPECTED[name], outcome) == []
