"""Models of inheritance as steps.

The numbers of copies are about the row's allele. A member without a genotype removes the row: no
model can be seen to hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gas.domain.genomes import PSEUDOAUTOSOMAL
from web.variants.family import Family
from web.variants.parameters import BadParameter
from web.variants.question import Inheritance, Question
from web.variants.sample_sql import Sample
from web.variants.schema import Schema
from web.variants.sql import FALSE, Condition, all_of, any_of
from web.variants.steps import Missing, Step

_X = {"x", "chrx", "23", "chr23"}


@dataclass(frozen=True, slots=True)
class _Model:
    """A model of inheritance: what it says, and its rule."""

    label: str
    rule: Callable[[Family, Schema], Condition]


def inheritance_steps(question: Question, schema: Schema, family: Family) -> Iterator[Step]:
    """The step of the model. Raises BadParameter where the family lacks who it needs."""
    if question.inheritance is None:
        return
    _check(question.inheritance, family)
    model = _MODELS[question.inheritance]
    members = _samples(family.members, schema)
    yield Step(
        "inheritance",
        model.label,
        model.rule(family, schema),
        Missing.REMOVED,
        any_of(member.is_unknown() for member in members),
    )


def _check(model: Inheritance, family: Family) -> None:
    if model is Inheritance.DE_NOVO:
        if family.child is None or family.father is None or family.mother is None:
            message = "De novo needs child, father and mother (in the API: family=SAMPLE:child …)"
            raise BadParameter("family", message)
    elif not family.affected:
        message = f"{model} needs an affected sample: family=SAMPLE:child or SAMPLE:affected"
        raise BadParameter("family", message)
    if model is Inheritance.COMPOUND_HET and family.child is None and len(family.affected) != 1:
        raise BadParameter("family", "compound_het needs a child: family=SAMPLE:child")


def _de_novo(family: Family, schema: Schema) -> Condition:
    parts = [sample.has("hom_ref") for sample in _samples(family.parents, schema)]
    parts += [sample.has("het", "hemi") for sample in _samples((family.child or 0,), schema)]
    return all_of(parts + _others(family, schema, Sample.lacks_allele))


def _dominant(family: Family, schema: Schema) -> Condition:
    parts = [sample.has("het", "hemi") for sample in _samples(family.affected, schema)]
    return all_of(parts + [sample.lacks_allele() for sample in _samples(family.unaffected, schema)])


def _recessive(family: Family, schema: Schema) -> Condition:
    healthy_parents = tuple(n for n in family.parents if n in family.unaffected)
    parts = [sample.has("hom") for sample in _samples(family.affected, schema)]
    parts += [sample.has("het") for sample in _samples(healthy_parents, schema)]
    return all_of(parts + _others(family, schema, Sample.has_another_copy))


def _x_linked(family: Family, schema: Schema) -> Condition:
    """Affected: hemizygous, or homozygous as some callers write it; a healthy mother carries."""
    parts = [
        outside_par(schema),
        *(sample.has("hemi", "hom") for sample in _samples(family.affected, schema)),
    ]
    if family.father in family.unaffected:
        parts += [sample.lacks_allele() for sample in _samples((family.father or 0,), schema)]
    if family.mother in family.unaffected:
        parts += [sample.has("het") for sample in _samples((family.mother or 0,), schema)]
    return all_of(parts + _others(family, schema, Sample.has_another_copy))


def _compound_het(family: Family, schema: Schema) -> Condition:
    """What can be half of a pair: who is affected has one copy, who is not has one at most."""
    parts = [sample.has("het") for sample in _samples(family.affected, schema)]
    parts += [sample.has_another_copy() for sample in _samples(family.unaffected, schema)]
    parts.append(Condition("all_symbols IS NOT NULL"))
    parents = _samples(family.parents, schema)
    return all_of([*parts, *(sample.is_known() for sample in parents)])


_MODELS = {
    Inheritance.DE_NOVO: _Model("De novo: the child carries it, neither parent does", _de_novo),
    Inheritance.DOMINANT: _Model("Dominant: who is affected carries it, no one else", _dominant),
    Inheritance.RECESSIVE: _Model("Recessive: two copies, healthy parents have one", _recessive),
    Inheritance.COMPOUND_HET: _Model(
        "Compound heterozygous: one copy, as in half of a pair", _compound_het
    ),
    Inheritance.X_LINKED: _Model(
        "X-linked: on X outside the pseudoautosomal regions, no healthy man has it", _x_linked
    ),
}


def outside_par(schema: Schema) -> Condition:
    """True on X where men have one copy."""
    numbers = [n for n, name in enumerate(schema.contigs) if _is_x(name)]
    if not numbers:
        return FALSE
    on_x = any_of(Condition("contig_number = ?", (number,)) for number in numbers)
    regions = PSEUDOAUTOSOMAL.get(schema.assembly, ())
    return all_of([on_x, *(Condition("pos NOT BETWEEN ? AND ?", region) for region in regions)])


def is_outside_par(schema: Schema, contig: str, pos: int) -> bool:
    """Whether a position of a contig is on X where men have one copy."""
    regions = PSEUDOAUTOSOMAL.get(schema.assembly, ())
    return _is_x(contig) and not any(start <= pos <= end for start, end in regions)


def _is_x(contig: str) -> bool:
    return contig.lower() in _X or contig.upper().startswith("NC_000023.")


def _others(family: Family, schema: Schema, rule: Callable[[Sample], Condition]) -> list[Condition]:
    """A rule for the unaffected members that are no parents."""
    numbers = tuple(n for n in family.unaffected if n not in family.parents)
    return [rule(sample) for sample in _samples(numbers, schema)]


def _samples(numbers: tuple[int, ...], schema: Schema) -> list[Sample]:
    return [Sample(schema, number) for number in numbers]
