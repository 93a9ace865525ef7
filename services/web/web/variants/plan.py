"""A question checked against a file's schema: its steps, its order, its columns."""

from __future__ import annotations

from dataclasses import dataclass

from web.variants.known_steps import frequency_steps
from web.variants.parameters import BadParameter
from web.variants.question import Question, SortKey
from web.variants.schema import Column, NoSuchColumn, Schema
from web.variants.site_steps import consequence_steps, record_steps, where_steps
from web.variants.sql import Condition, all_of
from web.variants.steps import Step

_DEFAULT = (
    *("contig", "pos", "id", "ref", "alt", "type", "qual", "filter"),
    *("symbol", "term", "consequence", "impact", "worst_term", "worst_impact"),
    *("feature", "mane", "hgvsc", "hgvsp"),
    *("max_af", "max_af_pops", "clin_sig", "is_pathogenic", "existing_variation"),
)
_DEFAULT_SAMPLES = 4
_DEFAULT_OF_SAMPLE = ("gt", "zygosity", "dp", "gq", "ad_ref", "ad_alt", "ab")


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by; missing values come last in both directions."""

    column: Column
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of the file: rows that pass all ``steps``, in ``order``, with ``columns``."""

    steps: tuple[Step, ...]
    order: tuple[Order, ...]
    columns: tuple[Column, ...]

    @property
    def condition(self) -> Condition:
        """True for the rows that pass every step."""
        return all_of(step.condition for step in self.steps)


def planned(question: Question, schema: Schema) -> Plan:
    """The plan of the question. Raises BadParameter."""
    steps = (
        *where_steps(question, schema),
        *record_steps(question),
        *consequence_steps(question),
        # Last, so that what it takes away is what all other steps keep.
        *frequency_steps(question),
    )
    order = tuple(_order(key, schema) for key in question.sort)
    return Plan(steps, order, _columns(question, schema))


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
