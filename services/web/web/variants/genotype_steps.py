"""Steps on genotypes of samples, and on the reads behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from web.variants.family import Family, sample_number
from web.variants.parameters import BadParameter
from web.variants.question import Genotype, Question
from web.variants.sample_sql import AnySample, Reader, Sample
from web.variants.schema import WIDE_SAMPLES, Schema
from web.variants.sql import TRUE, Condition, all_of, any_of
from web.variants.steps import Missing, Step, is_null

_ZYGOSITY = {
    Genotype.HET: "het",
    Genotype.HOM: "hom",
    Genotype.HOM_REF: "hom_ref",
    Genotype.HEMI: "hemi",
}


def genotype_steps(question: Question, schema: Schema) -> Iterator[Step]:
    """A step for each sample whose genotype is asked for. Raises BadParameter."""
    for wanted in question.genotypes:
        sample = Sample(schema, sample_number("genotype", wanted.sample, schema))
        label = f"{wanted.sample} is {wanted.genotype.replace('_', ' ')}"
        if wanted.genotype is Genotype.MISSING:
            yield Step("genotype", f"{wanted.sample} has no genotype", sample.is_unknown())
            continue
        if wanted.genotype is Genotype.CARRIER:
            condition = sample.carries()
        else:
            condition = sample.has(_ZYGOSITY[wanted.genotype])
        yield Step("genotype", label, condition, Missing.REMOVED, sample.is_unknown())


@dataclass(frozen=True, slots=True)
class _Test:
    """A test of a sample's reads, which holds for those to which it does not apply.

    ``passes`` has ``{}`` for the field. ``best`` is the same test of the column that has the best
    value of all carriers, where there is one.
    """

    name: str
    label: str
    field: str
    applies: Callable[[Reader], Condition]
    passes: Condition
    best: Condition | None = None

    def holds(self, sample: Reader) -> Condition:
        """True where the sample passes, or the test does not apply to its genotype."""
        passes = Condition(self.passes.sql.format(sample.field(self.field)), self.passes.values)
        applies = self.applies(sample)
        if applies is TRUE:
            return passes
        return any_of([Condition(f"({applies.sql}) IS NOT TRUE"), passes])

    def lacks(self, sample: Reader) -> Condition:
        """True where the test applies but the sample has no value."""
        return all_of([self.applies(sample), is_null(sample.field(self.field))])


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
        least = question.min_gq
        passes, best = Condition("{} >= ?", (least,)), Condition("carriers_gq >= ?", (least,))
        yield _Test("min_gq", f"GQ at least {least:g}", "gq", _always, passes, best)
    if question.min_ab is not None:
        # On both sides: a heterozygote with hardly any reads of REF is as odd.
        bounds = (question.min_ab, 1 - question.min_ab)
        passes = Condition("{} BETWEEN ? AND ?", bounds)
        best = Condition("carriers_ab >= ?", (question.min_ab,))
        label = f"Allele balance of heterozygotes {bounds[0]:g} to {bounds[1]:g}"
        yield _Test("min_ab", label, "ab", _is_het, passes, best)
    depths = (
        ("min_dp_het", question.min_dp_het, "heterozygotes", _is_het),
        ("min_dp_hom", question.min_dp_hom, "homozygotes", _is_hom),
    )
    for name, depth, who, applies in depths:
        if depth is not None:
            label = f"DP of {who} at least {depth}"
            yield _Test(name, label, "dp", applies, Condition("{} >= ?", (depth,)))
    if question.min_alt_reads is not None:
        reads = question.min_alt_reads
        passes, best = Condition("{} >= ?", (reads,)), Condition("carriers_ad_alt >= ?", (reads,))
        label = f"Alternate reads of carriers at least {reads}"
        yield _Test("min_alt_reads", label, "ad_alt", _carries, passes, best)


def _always(_: Reader) -> Condition:
    return TRUE


def _is_het(sample: Reader) -> Condition:
    return sample.has("het")


def _is_hom(sample: Reader) -> Condition:
    return sample.has("hom", "hom_ref", "hemi")


def _carries(sample: Reader) -> Condition:
    return sample.carries()


def _of_named(test: _Test, schema: Schema, named: Sequence[int]) -> Step:
    samples = [Sample(schema, number) for number in named]
    kept = all_of(test.holds(sample) for sample in samples)
    lacking = any_of(test.lacks(sample) for sample in samples)
    return Step(test.name, test.label, kept, Missing.REMOVED, lacking)


def _of_one(test: _Test, schema: Schema) -> Step:
    """Of all samples, one that carries the allele must pass."""
    label = f"{test.label} in a sample that carries the allele"
    if test.best is not None and f"carriers_{test.field}" in schema.columns:
        lacking = is_null(f"carriers_{test.field}")
        return Step(test.name, label, test.best, Missing.REMOVED, lacking)
    if len(schema.samples) <= WIDE_SAMPLES:
        samples = [Sample(schema, number) for number in range(1, len(schema.samples) + 1)]
        kept = any_of(all_of([s.carries(), test.holds(s)]) for s in samples)
        known = any_of(
            Condition(f"({s.carries().sql}) AND ({test.lacks(s).sql}) IS NOT TRUE") for s in samples
        )
    else:
        one = AnySample()
        holds = all_of([one.carries(), test.holds(one)])
        kept = Condition(_exists(holds.sql, schema), holds.values)
        known = Condition(
            _exists(f"({one.carries().sql}) AND ({test.lacks(one).sql}) IS NOT TRUE", schema)
        )
    lacking = Condition(f"({known.sql}) IS NOT TRUE")
    return Step(test.name, label, kept, Missing.REMOVED, lacking, is_costly=True)


def _exists(condition: str, schema: Schema) -> str:
    numbers = f"range(1, {len(schema.samples) + 1})"
    return f"len(list_filter({numbers}, lambda n: ({condition}) IS TRUE)) > 0"
