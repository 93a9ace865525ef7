"""Steps on genotypes of samples, and on the reads behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from web.variants.family import Family, sample_number
from web.variants.parameters import BadParameter
from web.variants.question import Genotype, Question
from web.variants.schema import WIDE_SAMPLES, Schema
from web.variants.sql import FALSE, Condition, Value, all_of, any_of
from web.variants.steps import Missing, Step, is_null

Cell = Callable[[str], str]
"""The SQL that reads a field (``gt``, ``gq`` …) of a sample."""
_ZYGOSITY = {
    Genotype.HET: "het",
    Genotype.HOM: "hom",
    Genotype.HOM_REF: "hom_ref",
    Genotype.HEMI: "hemi",
}


def genotype_steps(question: Question, schema: Schema) -> Iterator[Step]:
    """A step for each sample whose genotype is asked for. Raises BadParameter."""
    for wanted in question.genotypes:
        cell = cell_of(schema, sample_number("genotype", wanted.sample, schema))
        label = f"{wanted.sample} is {wanted.genotype.replace('_', ' ')}"
        if wanted.genotype is Genotype.MISSING:
            yield Step("genotype", f"{wanted.sample} has no genotype", is_null(cell("zygosity")))
            continue
        if wanted.genotype is Genotype.CARRIER:
            condition = carries(cell)
        else:
            condition = has(cell, _ZYGOSITY[wanted.genotype])
        yield Step("genotype", label, condition, Missing.REMOVED, is_null(cell("zygosity")))


@dataclass(frozen=True, slots=True)
class _Test:
    """A test of a sample's reads; ``applies`` says for which genotypes."""

    name: str
    label: str
    field: str
    applies: str
    passes: Condition


def read_steps(question: Question, schema: Schema, family: Family) -> Iterator[Step]:
    """Quality, depth and allele balance of genotypes.

    Every sample that the question names must pass; if it names none, one that carries the allele.
    Raises BadParameter where the file has no samples.
    """
    tests = list(_tests(question))
    if tests and not schema.samples:
        raise BadParameter(tests[0].name, "the file has no samples")
    genotypes = [sample_number("genotype", g.sample, schema) for g in question.genotypes
                 if g.genotype is not Genotype.MISSING]  # fmt: skip
    named = tuple(dict.fromkeys((*genotypes, *family.members)))
    for test in tests:
        yield _of_named(test, schema, named) if named else _of_one(test, schema)


def _tests(question: Question) -> Iterator[_Test]:
    if question.min_gq is not None:
        passes = Condition("{gq} >= ?", (question.min_gq,))
        yield _Test("min_gq", f"GQ at least {question.min_gq:g}", "gq", "TRUE", passes)
    if question.min_ab is not None:
        # On both sides: a heterozygote with hardly any reads of REF is as odd.
        passes = Condition("{ab} BETWEEN ? AND ?", (question.min_ab, 1 - question.min_ab))
        label = f"Allele balance of heterozygotes {question.min_ab:g} to {1 - question.min_ab:g}"
        yield _Test("min_ab", label, "ab", "{zygosity} = 'het'", passes)
    depths = (
        ("min_dp_het", question.min_dp_het, "heterozygotes", "{zygosity} = 'het'"),
        ("min_dp_hom", question.min_dp_hom, "homozygotes",
         "{zygosity} IN ('hom', 'hom_ref', 'hemi')"),
    )  # fmt: skip
    for name, least, who, applies in depths:
        if least is not None:
            label = f"DP of {who} at least {least}"
            yield _Test(name, label, "dp", applies, Condition("{dp} >= ?", (least,)))
    if question.min_alt_reads is not None:
        passes = Condition("{ad_alt} >= ?", (question.min_alt_reads,))
        label = f"Alternate reads of carriers at least {question.min_alt_reads}"
        yield _Test("min_alt_reads", label, "ad_alt", "{copies} > 0", passes)


def _of_named(test: _Test, schema: Schema, named: Sequence[int]) -> Step:
    cells = [cell_of(schema, number) for number in named]
    kept = all_of(_passes(test, cell) for cell in cells)
    lacking = any_of(
        Condition(f"({_filled(test.applies, cell)}) AND {cell(test.field)} IS NULL")
        for cell in cells
    )
    return Step(test.name, test.label, kept, Missing.REMOVED, lacking)


def _of_one(test: _Test, schema: Schema) -> Step:
    """Of all samples, one that carries the allele must pass."""
    if len(schema.samples) <= WIDE_SAMPLES:
        cells = [cell_of(schema, number) for number in range(1, len(schema.samples) + 1)]
        kept = any_of(all_of([carries(cell), _passes(test, cell)]) for cell in cells)
        any_known = " OR ".join(
            f"({cell('copies')} > 0 AND {cell(test.field)} IS NOT NULL)" for cell in cells
        )
    else:
        one = _passes(test, _element)
        inner = f"{_element('copies')} > 0 AND ({one.sql})"
        kept = Condition(_exists(inner, schema), one.values)
        any_known = _exists(
            f"{_element('copies')} > 0 AND {_element(test.field)} IS NOT NULL", schema
        )
    label = f"{test.label} in a sample that carries the allele"
    return Step(test.name, label, kept, Missing.REMOVED, Condition(f"({any_known}) IS NOT TRUE"))


def _exists(condition: str, schema: Schema) -> str:
    numbers = f"range(1, {len(schema.samples) + 1})"
    return f"len(list_filter({numbers}, lambda n: ({condition}) IS TRUE)) > 0"


def _element(field: str) -> str:
    return f'"samples_{field}"[n]'


def _passes(test: _Test, cell: Cell) -> Condition:
    passes = _filled(test.passes.sql, cell)
    if test.applies == "TRUE":
        return Condition(passes, test.passes.values)
    other = f"({_filled(test.applies, cell)}) IS NOT TRUE"
    return Condition(f"{other} OR ({passes})", test.passes.values)


def _filled(sql: str, cell: Cell) -> str:
    for field in ("gq", "ab", "dp", "zygosity", "copies", "ad_alt"):
        sql = sql.replace("{" + field + "}", cell(field))
    return sql


def cell_of(schema: Schema, number: int) -> Cell:
    """Reads fields of the sample with that number, from 1."""
    return lambda field: schema.of_sample(number, field).sql


def has(cell: Cell, *zygosities: str) -> Condition:
    """True where the sample's zygosity is one of these; unknown where it has no genotype."""
    values: tuple[Value, ...] = zygosities
    return Condition(f"{cell('zygosity')} IN ({', '.join('?' * len(values))})", values)


def carries(cell: Cell) -> Condition:
    """True where the sample has a copy of the allele at least."""
    return Condition(f"{cell('copies')} > 0")


def lacks_genotype(cells: Sequence[Cell]) -> Condition:
    """True where one of the samples has no genotype."""
    return any_of(is_null(cell("zygosity")) for cell in cells) if cells else FALSE
