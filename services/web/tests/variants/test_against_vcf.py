"""Random questions: the table finds what plain Python finds in the annotated VCF, and bcftools."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given

from tests.support.family_vcf import SAMPLES
from tests.support.variant_questions import EXAMPLES, questions
from tests.support.variant_reference import Row, answer, rows_of
from tests.support.variant_tables import OpenTable, Parameters, asked
from web.variants.parameters import question_of
from web.variants.table import Table


@pytest.fixture(scope="session")
def rows(family_result: Path) -> list[Row]:
    return rows_of(family_result)


@EXAMPLES
@given(parameters=questions())
def test_random_questions_find_what_plain_python_finds(
    parameters: Parameters, rows: list[Row], family_file: Path, open_table: OpenTable
) -> None:
    with open_table(family_file) as table:
        counts, keys = asked(table, parameters | {"sort": ["record"]})
    wanted = answer(rows, parameters)
    assert set(keys) == {f"{record}.{allele}" for record, allele in wanted}
    assert counts.total == len(keys) == len(wanted)
    assert sum(step.removed for step in counts.funnel) + counts.total == len(rows)


@EXAMPLES
@given(parameters=questions())
def test_samples_in_lists_are_asked_like_samples_with_columns(
    parameters: Parameters, family_file: Path, cohort_file: Path, open_table: OpenTable
) -> None:
    # Without a named sample the question is about any sample, and here all are copies.
    with open_table(family_file) as table:
        wide = asked(table, parameters)
    with open_table(cohort_file) as table:
        lists = asked(table, parameters)
    assert wide[1] == lists[1]
    assert [left.remaining for left in wide[0].funnel] == [
        left.remaining for left in lists[0].funnel
    ]


@pytest.mark.skipif(shutil.which("bcftools") is None, reason="bcftools is not installed")
@pytest.mark.parametrize("seed", range(12))
def test_random_questions_find_what_bcftools_finds(
    seed: int, family_result: Path, family_file: Path, open_table: OpenTable
) -> None:
    draw = random.Random(seed)
    place = draw.randrange(len(SAMPLES))
    sample = SAMPLES[place]
    least, start = draw.randrange(1000), draw.randrange(25_000_000, 25_900_000)
    zygosity, expression = draw.choice([("het", "het"), ("hom", "AA"), ("hom_ref", "RR")])
    command = ["bcftools", "view", "-H", "-m2", "-M2", "-v", "snps", "-f", "PASS"]
    command += ["-r", f"21:{start}-{start + 400_000}", "-i"]
    command += [f'QUAL>={least} && GT[{place}]="{expression}"', str(family_result)]
    found = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=60
    ).stdout.splitlines()
    # bcftools counts a haploid call as homozygous, the table as hemizygous.
    cells = [line.split("\t") for line in found]
    wanted = {int(f[1]) for f in cells if len(f[9 + place].split(":")[0]) == 3}
    parameters = {
        "type": ["SNV"],
        "pass": ["true"],
        "min_qual": [str(least)],
        "genotype": [f"{sample}:{zygosity}"],
        "region": [f"chr21:{start}-{start + 400_000}"],
        "sort": ["pos"],
    }
    with open_table(family_file) as table:
        plan = table.plan(question_of(parameters))
        places = table.places(plan, table.counts(plan), 10_000)
        items = table.rows([table.schema.column(n) for n in ("pos", _gt(sample))], places)
        several = {row["pos"] for row in items if _is_multiallelic(table, row["key"])}
    plain = {
        row["pos"] for row in items
        if row["pos"] not in several and len(row[_gt(sample)]) == 3
    }  # fmt: skip
    assert plain == wanted, f"seed {seed}"


def _gt(sample: str) -> str:
    return f"s{SAMPLES.index(sample) + 1}_gt"


def _is_multiallelic(table: Table, key: str) -> bool:
    record = int(key.split(".", maxsplit=1)[0])
    found = table.session.rows(
        "SELECT count(*) FROM read_parquet(?) WHERE record = ?",
        [str(table.path), record],
    )
    return bool(found[0][0] > 1)
