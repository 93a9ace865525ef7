"""The parameters of an address, to a question and back, in one canonical order."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from web.variants import reading
from web.variants.question import MAX_GENES, Inheritance, Question
from web.variants.reading import BadValue
from web.variants.vocabulary import CLINICAL, IMPACTS, NO_CLINICAL, TERMS, TYPES

Read = Callable[[list[str]], object]
Write = Callable[[Any], list[str]]
PAGE = ("limit", "cursor", "share")
"""Parameters beside the question; routes read them."""


class BadParameter(ValueError):
    """A parameter that there is not, or a value that it cannot have."""

    def __init__(self, field: str, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the address, and the field of the question that it fills."""

    name: str
    field: str
    read: Read
    write: Write = lambda value: [str(value)]


def _flag(name: str, field: str) -> Parameter:
    return Parameter(name, field, reading.flag, lambda value: ["true" if value else "false"])


def _words(name: str, field: str, allowed: Sequence[str] | None = None) -> Parameter:
    def read(texts: list[str]) -> object:
        found = reading.words(texts)
        return reading.choices(found, allowed) if allowed else found

    return Parameter(name, field, read, lambda value: [",".join(value)])


def _number(name: str, field: str, least: float, most: float) -> Parameter:
    return Parameter(name, field, reading.number(least, most), lambda value: [f"{value:.12g}"])


def _whole(name: str, field: str, most: int = 1_000_000) -> Parameter:
    return Parameter(name, field, reading.whole(most))


def _text(name: str, field: str, most: int) -> Parameter:
    return Parameter(name, field, reading.text(most))


PARAMETERS = (
    Parameter(
        "gene",
        "genes",
        lambda texts: reading.words(texts, MAX_GENES),
        lambda value: [",".join(value)],
    ),
    Parameter("region", "regions", reading.regions, lambda value: [str(r) for r in value]),
    _words("consequence", "consequences", TERMS),
    _words("impact", "impacts", IMPACTS),
    _flag("any_transcript", "any_transcript"),
    _words("type", "types", TYPES),
    _number("min_qual", "min_qual", 0, 1e12),
    _flag("pass", "is_pass"),
    _whole("min_dp", "min_dp"),
    Parameter(
        "genotype",
        "genotypes",
        reading.genotypes,
        lambda value: [f"{g.sample}:{g.genotype}" for g in value],
    ),
    Parameter(
        "family",
        "family",
        reading.family,
        lambda value: [f"{m.sample}:{m.role}" for m in value],
    ),
    Parameter("inheritance", "inheritance", reading.choice(Inheritance)),
    _number("min_ab", "min_ab", 0, 0.5),
    _number("min_gq", "min_gq", 0, 1e6),
    _whole("min_dp_het", "min_dp_het"),
    _whole("min_dp_hom", "min_dp_hom"),
    _whole("min_alt_reads", "min_alt_reads"),
    _number("max_af", "max_af", 0, 1),
    _flag("keep_missing_af", "keep_missing_af"),
    _words("clinical", "clinical", (*CLINICAL, NO_CLINICAL)),
    Parameter("min_stars", "min_stars", reading.whole(4)),
    _words("rs", "rs"),
    _text("q", "text", 200),
    _flag("mane", "is_mane"),
    _text("where", "where", reading.MAX_EXPRESSION),
    Parameter("sort", "sort", reading.sort_keys, lambda value: [reading.sort_text(value)]),
    _words("columns", "columns"),
)
"""All of them; an address names them in this order."""
_BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}


def question_of(given: Mapping[str, Sequence[str]], beside: Sequence[str] = PAGE) -> Question:
    """The question of these parameters; those named ``beside`` are passed over.

    Raises BadParameter.

    An empty value is the same as none, as forms send those of fields that nobody filled.
    """
    filled: dict[str, Any] = {}
    for name, values in given.items():
        if name in beside:
            continue
        parameter = _BY_NAME.get(name)
        if parameter is None:
            raise BadParameter(name, _unknown(name))
        texts = [value for value in values if value.strip()]
        if not texts:
            continue
        try:
            filled[parameter.field] = parameter.read(texts)
        except BadValue as error:
            raise BadParameter(name, str(error)) from None
    return Question(**filled)


def parameters_of(question: Question) -> list[tuple[str, str]]:
    """The question as parameters of an address, without what has its default."""
    defaults = {field.name: field.default for field in fields(Question)}
    return [
        (parameter.name, text)
        for parameter in PARAMETERS
        if (value := getattr(question, parameter.field)) != defaults[parameter.field]
        for text in parameter.write(value)
    ]


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, _BY_NAME, 1)
    if near:
        return f"there is no such parameter; did you mean {near[0]}?"
    return f"there is no such parameter; there are {', '.join([*_BY_NAME, *PAGE])}"
