"""Parameters of an address become a question, and the same question becomes them again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from web.variants import meanings
from web.variants.parameters import PARAMETERS, BadParameter, parameters_of, question_of
from web.variants.question import Question, Region

DOCS = Path(__file__).parents[4] / "docs"


def test_every_parameter_comes_back_in_one_order() -> None:
    given = {
        "sort": ["-qual,pos"],
        "gene": ["APP,JAM2", "CSTB"],
        "region": ["chr21:1,000-2,000,22:5-6", "X"],
        "consequence": ["Missense_variant"],
        "impact": ["high"],
        "any_transcript": ["true"],
        "type": ["snv"],
        "min_qual": ["30,5"],
        "pass": ["true"],
        "min_dp": ["10"],
        "genotype": ["A:B:het"],
        "family": ["kid:child"],
        "inheritance": ["dominant"],
        "min_ab": ["0.2"],
        "min_gq": ["20"],
        "min_dp_het": ["1"],
        "min_dp_hom": ["2"],
        "min_alt_reads": ["3"],
        "max_af": ["0,01"],
        "keep_missing_af": ["false"],
        "clinical": ["vus"],
        "min_stars": ["2"],
        "rs": ["rs1"],
        "q": ["p.Val717"],
        "mane": ["true"],
        "where": ["qual > 3"],
        "columns": ["pos,ref"],
    }
    question = question_of(given)
    again = parameters_of(question)
    assert [name for name, _ in again] == sorted(
        (name for name, _ in again), key=[p.name for p in PARAMETERS].index
    )
    assert {name for name, _ in again} == set(given)
    multiple: dict[str, list[str]] = {}
    for name, text in again:
        multiple.setdefault(name, []).append(text)
    assert question_of(multiple) == question
    assert question.regions == (Region("chr21", 1000, 2000), Region("22", 5, 6), Region("X"))
    assert question.genotypes[0].sample == "A:B"
    assert question.max_af == 0.01


def test_no_parameters_and_empty_ones_are_the_same_question() -> None:
    assert question_of({"gene": [""], "max_af": [" "], "limit": ["5"]}) == Question()
    assert parameters_of(Question()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("region", "21:0-5"),
        ("region", "21:9" + "9" * 30),
        ("min_dp", "-1"),
        ("min_dp", "١"),
        ("min_gq", "nan"),
        ("max_af", "inf"),
        ("min_ab", "0.6"),
        ("pass", "maybe"),
        ("genotype", "het"),
        ("sort", "a,b,c,d,e,f"),
        ("q", "x" * 201),
        ("where", "x" * 4_001),
        ("inheritance", "compound"),
        ("rs", ",".join(f"rs{n}" for n in range(201))),
    ],
)
def test_a_bad_value_names_its_parameter(name: str, value: str) -> None:
    with pytest.raises(BadParameter) as caught:
        question_of({name: [value]})
    assert caught.value.field == name


def test_the_page_names_every_parameter() -> None:
    page = (DOCS / "variants-table.md").read_text("utf-8")
    assert [p.name for p in PARAMETERS if f"`{p.name}" not in page] == []


def test_each_column_means_what_the_page_of_the_file_says() -> None:
    page = (DOCS / "variants-parquet.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `(?:sN_)?(\w+)` \| \w+ \| (.+) \|$", page, re.MULTILINE))
    tables = (meanings.RECORD, meanings.TRANSCRIPT, meanings.ALLELE, meanings.KNOWN)
    ours = {name: text for table in tables for name, text in table.items()}
    for name, text in ours.items():
        assert name in told
        assert f"| {text} |" in page
    for name, text in meanings.SAMPLE.items():
        assert f"| `sN_{name}` |" in page
        assert f"| {text} |" in page
