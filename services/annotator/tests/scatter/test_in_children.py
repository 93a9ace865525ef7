"""Splitting, parts and joining in processes that are shut in, as the service does them."""

from pathlib import Path

import pytest

from annotator import bundle as bundles
from annotator.rejection import Rejected
from annotator.runner.parent import Disproved, annotate
from tests.support import scattered
from tests.support.annotation import COLUMNS, record, vcf

FEW = 4


def test_a_file_in_parts_in_children(tmp_path: Path) -> None:
    place = scattered.workplace(bundles.find("human-mt"), tmp_path, annotate)
    rows = [record(change) for change in ("73\t.\tA\tG", "750\t.\tA\tG", "3460\t.\tG\tA")]
    asked = scattered.stored(vcf(*rows), place, tmp_path)
    one = scattered.whole(asked, place, tmp_path / "one")
    plan, done = scattered.joined(asked, place)
    assert plan.parts == 1
    found = scattered.fetched(done, place, tmp_path / "parts")
    assert (found.text, found.log, found.counts) == (one.text, one.log, one.counts)


def test_what_children_find_is_told(tmp_path: Path) -> None:
    place = scattered.workplace(bundles.find("human-mt"), tmp_path, annotate)
    columns = f"{COLUMNS}\tFORMAT\tone"
    asked = scattered.stored(vcf(record("73\t.\tA\tG"), columns=columns), place, tmp_path)
    with pytest.raises(Rejected) as rejected:
        scattered.joined(asked, place)
    assert rejected.value.line == FEW
    like_ours = "MT\t73\t.\tA\tG\t.\t.\tCSQ=x"
    asked = scattered.stored(vcf(like_ours), place, tmp_path)
    with pytest.raises(Disproved, match="keys that the header does not define"):
        scattered.joined(asked, place, "another/root")
