"""Random questions, none twice: filters of every kind, sorted by any column."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from tests.support.family_vcf import SAMPLES
from web.variants.parameters import question_of
from web.variants.question import Question
from web.variants.schema import Schema
from web.variants.vocabulary import CLINICAL, IMPACTS, TERMS

Filter = Callable[[random.Random, Schema], dict[str, list[str]]]
_SYMBOLS = ("APP", "JAM2", "MRPL39", "GABPA", "ATP5J", "CYYR1")
_MODELS = ("de_novo", "dominant", "recessive", "compound_het")


def _gene(draw: random.Random, _: Schema) -> dict[str, list[str]]:
    names = [
        f"{draw.choice(_SYMBOLS)}_{draw.randrange(150)}" for _ in range(draw.choice([1, 5, 80]))
    ]
    return {"gene": [",".join(names)]}


def _region(draw: random.Random, schema: Schema) -> dict[str, list[str]]:
    start = draw.randrange(1_000_000, 7_000_000)
    end = start + draw.choice([10_000, 500_000, 5_000_000])
    return {"region": [f"chr{draw.choice(schema.contigs)}:{start}-{end}"]}


def _genotype(draw: random.Random, _: Schema) -> dict[str, list[str]]:
    wanted = draw.choice(["het", "hom", "carrier", "hom_ref"])
    return {
        "genotype": [f"{draw.choice(SAMPLES[:3])}:{wanted}"],
        "min_gq": [str(draw.randrange(60))],
    }


def _family(draw: random.Random, _: Schema) -> dict[str, list[str]]:
    roles = ("child", "father", "mother")
    return {
        "family": [f"{name}:{role}" for name, role in zip(SAMPLES, roles, strict=False)],
        "inheritance": [draw.choice(_MODELS)],
        "min_gq": [str(draw.randrange(1, 60))],
        "min_ab": [f"{draw.uniform(0.1, 0.4):.3f}"],
        "impact": ["HIGH,MODERATE"],
    }


def _reads(draw: random.Random, _: Schema) -> dict[str, list[str]]:
    return {
        "min_ab": [f"{draw.uniform(0.05, 0.45):.3f}"],
        "min_alt_reads": [str(draw.randrange(15))],
    }


def _nested(draw: random.Random, _: Schema) -> dict[str, list[str]]:
    term, number = draw.choice(TERMS[:12]), draw.randrange(1, 600)
    return {
        "where": [
            draw.choice(
                [
                    f'"{draw.choice(IMPACTS[:3])}" in transcripts_impact and qual > {number}',
                    f'"{term}" in all_terms and (max_af < 0.0{number} or max_af is missing)',
                    f"transcripts_protein_start > {number} and s1.dp > 10",
                    f's1.ad_alt > {number % 30} and s2.gq > s3.gq and impact != "LOW"',
                ]
            )
        ]
    }


def _choice(name: str, words: Sequence[str], most: int) -> Filter:
    return lambda draw, _: {name: [",".join(draw.sample(words, draw.randint(1, most)))]}


def _number(name: str, least: float, most: float) -> Filter:
    return lambda draw, _: {name: [f"{draw.uniform(least, most):.4g}"]}


FILTERS: dict[str, Filter] = {
    "gene": _gene,
    "region": _region,
    "genotype": _genotype,
    "family": _family,
    "reads": _reads,
    "nested": _nested,
    "impact": _choice("impact", IMPACTS, 2),
    "consequence": _choice("consequence", TERMS[:20], 4),
    "clinical": _choice("clinical", tuple(CLINICAL), 3),
    "qual": _number("min_qual", 0, 900),
    "max_af": _number("max_af", 0.0001, 0.1),
    "type": _choice("type", ("SNV", "MNV", "insertion", "deletion"), 2),
    "pass": lambda _draw, _schema: {"pass": ["true"]},
    "rs": lambda draw, _: {"rs": [f"rs{draw.randrange(10**9)}"]},
    "text": lambda draw, _: {"q": [f"p.{draw.choice(['Val', 'Ala', 'Gly'])}{draw.randrange(700)}"]},
}


def questions(count: int, schema: Schema, seed: int) -> Iterator[tuple[str, Question]]:
    """So many different questions, each with the names of its filters."""
    draw = random.Random(seed)
    sortable = [column.name for column in schema.columns.values() if column.is_sortable]
    sortable += [column.name for column in schema.of_samples(3)]
    seen: set[Question] = set()
    while len(seen) < count:
        names = draw.sample(sorted(FILTERS), draw.randint(1, 3))
        given: dict[str, list[str]] = {}
        for name in names:
            given |= FILTERS[name](draw, schema)
        sort = f"{draw.choice(['', '-'])}{draw.choice(sortable)}"
        question = question_of(given | {"sort": [sort]})
        if question not in seen:
            seen.add(question)
            yield f"{'+'.join(names)} by {sort}", question
