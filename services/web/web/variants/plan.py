"""A question checked against a file's schema: its steps, its order, its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from web.variants.expression.compiler import compiled
from web.variants.expression.parser import parsed
from web.variants.expression.tokens import BadExpression
from web.variants.family import family_of
from web.variants.genes import FoundGenes
from web.variants.genotype_steps import genotype_steps, read_steps
from web.variants.inheritance import inheritance_steps
from web.variants.known_steps import (
    clinical_steps,
    frequency_steps,
    name_steps,
    text_steps,
)
from web.variants.order import Order
from web.variants.pairs import Pairing, pairing_of
from web.variants.parameters import BadParameter
from web.variants.question import Inheritance, Member, Question, Role, SortKey
from web.variants.schema import Column, NoSuchColumn, Schema
from web.variants.site_steps import consequence_steps, place_steps, record_steps
from web.variants.sql import Condition, all_of
from web.variants.steps import Missing, Step

_DEFAULT = (
    *("contig", "pos", "ref", "alt", "type", "qual", "filter"),
    *("symbol", "consequence", "impact", "worst_impact", "feature", "mane", "hgvsc", "hgvsp"),
    *("max_af", "max_af_pops", "clin_sig", "existing_variation"),
)
_DEFAULT_SAMPLES = 4
_AROUND = 30
_DEFAULT_OF_SAMPLE = ("gt", "gq", "ad_ref", "ad_alt", "ab")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of the file: rows that pass all ``steps``, in ``order``, with ``columns``.

    ``rounds`` are the same steps as they are looked at: a round reads its columns only where the
    rounds before have left rows. With a ``pairing`` the rows must also have a partner among those
    that pass.
    """

    rounds: tuple[tuple[Step, ...], ...]
    order: tuple[Order, ...]
    columns: tuple[Column, ...]
    pairing: Pairing | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in their order."""
        return tuple(step for steps in self.rounds for step in steps)

    @property
    def condition(self) -> Condition:
        """True for the rows that pass every step."""
        return all_of(step.condition for step in self.steps)


FindGenes = Callable[[Sequence[str]], FoundGenes]
FindAny = Callable[[Sequence[Condition]], Condition]
"""Looks up where one of several conditions is true."""


def planned(question: Question, schema: Schema, find_genes: FindGenes, find_any: FindAny) -> Plan:
    """The plan of the question. Raises BadParameter."""
    family = family_of(_members(question, schema), schema)
    # What is read quickly, or removes most, comes first. Frequency is last, so that what it takes
    # away is what all other steps keep.
    sites = (
        *place_steps(question, schema, find_genes),
        *name_steps(question, schema, find_any),
        *record_steps(question),
        *consequence_steps(question),
        *clinical_steps(question, schema),
    )
    genotypes = (
        *genotype_steps(question, schema),
        *inheritance_steps(question, schema, family),
    )
    wide = (
        *read_steps(question, schema, family),
        *text_steps(question),
        *_expression_steps(question, schema),
    )
    # Zygosities in one column are read as quickly as what is known of the site.
    narrow = [(*sites, *genotypes)] if schema.is_packed else [sites, genotypes]
    rounds = _rounds([*narrow, wide], tuple(frequency_steps(question, schema)))
    is_paired = question.inheritance is Inheritance.COMPOUND_HET
    pairing = pairing_of(family, schema) if is_paired else None
    order = tuple(_order(key, schema) for key in question.sort)
    return Plan(rounds, order, _columns(question, schema), pairing)


def lacking(steps: Sequence[Step], schema: Schema) -> int | None:
    """How many rows of the file lack what the first step tests; None if only reading can tell."""
    if not steps or steps[0].missing is Missing.NONE:
        return 0
    column, is_null, _ = steps[0].is_missing.sql.partition(" IS NULL")
    return schema.missing.get(column.strip('"')) if is_null else None


def _rounds(
    rounds: Sequence[tuple[Step, ...]], last: tuple[Step, ...]
) -> tuple[tuple[Step, ...], ...]:
    """The rounds that have steps, with those of ``last`` in the last one."""
    *before, final = [steps for steps in rounds if steps] or [()]
    return (*before, (*final, *last))


def _members(question: Question, schema: Schema) -> tuple[Member, ...]:
    """The family; a file's only sample needs no role."""
    if question.inheritance and not question.family and len(schema.samples) == 1:
        return (Member(schema.samples[0], Role.CHILD),)
    return question.family


def _expression_steps(question: Question, schema: Schema) -> Iterator[Step]:
    if question.where is None:
        return
    try:
        condition = compiled(parsed(question.where), schema)
    except BadExpression as error:
        place = f"at character {error.position + 1}: {_caret(question.where, error)}"
        message = f"{error.message}, {place}"
        raise BadParameter("where", message, error.position) from None
    unknown = Condition(f"({condition.sql}) IS NULL", condition.values)
    yield Step("where", question.where, condition, Missing.REMOVED, unknown, is_costly=True)


def _caret(text: str, error: BadExpression) -> str:
    """The piece of the expression around the place, which a caret marks."""
    start = max(0, error.position - _AROUND)
    return f"{text[start : error.position]}^{text[error.position : error.position + _AROUND]}"


def _order(key: SortKey, schema: Schema) -> Order:
    column = _column("sort", key.column, schema)
    if not column.is_sortable:
        raise BadParameter("sort", f"rows cannot be sorted by {column.name}: it is a list")
    return Order(column, key.is_descending)


def _columns(question: Question, schema: Schema) -> tuple[Column, ...]:
    if question.columns:
        found = (_column("columns", name, schema) for name in question.columns)
        return tuple({column.name: column for column in found}.values())
    of_samples = [
        column
        for column in schema.of_samples(_DEFAULT_SAMPLES)
        if column.name.partition("_")[2] in _DEFAULT_OF_SAMPLE
    ]
    return (*(schema.column(name) for name in _DEFAULT if name in schema.columns), *of_samples)


def _column(field: str, name: str, schema: Schema) -> Column:
    try:
        return schema.column(name)
    except NoSuchColumn as error:
        raise BadParameter(field, str(error)) from None
