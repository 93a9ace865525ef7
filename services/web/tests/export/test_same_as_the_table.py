"""An export has the rows of the table's pages, whatever is asked."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

QUESTIONS = [
    {"impact": "HIGH", "sort": "-pos,ref"},
    {"inheritance": "compound_het", "sort": "symbol"},
    {"inheritance": "recessive"},
    {"genotype": "SAMPLE:het", "max_af": "0.2", "sort": "-max_af"},
    {"where": "pos > 25891000 and consequence = 'missense_variant'"},
    {"q": "APP", "mane": "true"},
]
COLUMNS = "record,allele,symbol,pos,s1_gt,max_af"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: next(iter(question)))
def test_an_export_has_the_rows_of_all_pages(sample: Any, question: dict[str, str]) -> None:
    query = urlencode({**question, "columns": COLUMNS, "limit": 500})
    page = sample.user.call("GET", f"/jobs/{sample.job.job_id}/variants?{query}")
    assert page.status_code == 200, page.text
    items = [{name: item[name] for name in COLUMNS.split(",")} for item in page.json["items"]]
    found = json.loads(sample.get("json", **question, columns=COLUMNS).data)
    assert len(items) == page.json["total"]
    assert found == items


def test_the_questions_are_not_all_empty(sample: Any) -> None:
    totals = [len(json.loads(sample.get("json", **question).data)) for question in QUESTIONS]
    assert sum(total > 0 for total in totals) >= 3
    assert 132 not in totals
