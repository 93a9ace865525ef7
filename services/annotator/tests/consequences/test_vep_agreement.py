"""6,000 random variants around exons against the answers of Ensembl VEP 115.2 to them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from annotator import bundle as bundles
from annotator.consequences.bundled import has_hgvs
from annotator.runner import protocol
from tests.support.consequences.agreement import (
    FIELDS,
    WORST_CODING,
    Agreement,
    Entries,
    Key,
    compare,
    entries_of,
)
from tests.support.gene_models import demo_with
from tests.support.variants import DATA, DEMO, annotate

INPUT = DATA / "random.vcf.gz"
TRUTH = DATA / "vep115-random.tsv.gz"
NAMES_TOLD = has_hgvs(bundles.find(DEMO))
TOLD = [name for name in FIELDS.values() if NAMES_TOLD or not name.startswith("HGVS")]
WANTED = {WORST_CODING: 99.0, "HGVSc": 99.9, "HGVSp": 98.5}
"""Per cent; 99.5 for all other fields."""


def must_agree(agreement: Agreement) -> None:
    print(agreement)
    assert set(agreement.compared) == {WORST_CODING, *FIELDS.values()}
    for what in (WORST_CODING, *TOLD):
        assert agreement.percent(what) >= WANTED.get(what, 99.5), what


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Entries:
    """What the result of a job tells."""
    return entries_of(annotate(INPUT, tmp_path_factory.mktemp("result")) / protocol.RESULT_VCF)


def test_a_result_agrees_with_vep(told: Entries) -> None:
    must_agree(compare(told, TRUTH))


def test_a_result_of_a_refseq_bundle_agrees_with_vep(tmp_path: Path) -> None:
    bundle = demo_with(DATA / "genes-refseq.gff3.gz", tmp_path)
    result = annotate(INPUT, tmp_path / "result", bundle) / protocol.RESULT_VCF
    must_agree(compare(entries_of(result), DATA / "vep115-random-refseq.tsv.gz"))


@pytest.mark.parametrize("what", ["Consequence", *TOLD])
def test_one_wrong_answer_is_seen(what: str, told: Entries) -> None:
    right = compare(told, TRUTH)
    key, entry = next(
        (key, entry)
        for key, entry in told.items()
        if entry["BIOTYPE"] == "protein_coding" and entry[what] and _is_plain(key, entry)
    )
    wrong = compare(told | {key: dict(entry) | {what: "wrong"}}, TRUTH)
    compared = WORST_CODING if what == "Consequence" else what
    assert right.same - wrong.same == {compared: 1}


def _is_plain(key: Key, entry: Mapping[str, str]) -> bool:
    """A kind of change on which nobody disagrees."""
    return len(key[1]) == len(key[2]) == 1 and "stop" not in entry["Consequence"]
