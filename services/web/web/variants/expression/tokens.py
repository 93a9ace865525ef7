"""Splits an expression into tokens, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MAX_TOKENS = 2_000
_PATTERN = re.compile(
    r"""\s*(?:
      (?P<number>-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>==|!=|<>|<=|>=|[=<>()\[\],.])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Sort(StrEnum):
    """What a token is."""

    NUMBER = "number"
    TEXT = "text"
    WORD = "word"
    SIGN = "sign"
    END = "end"


class BadExpression(ValueError):
    """What is wrong with an expression; ``position`` is the place of a character, from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the expression; ``text`` of a quoted text is without the quotes."""

    sort: Sort
    text: str
    position: int

    def __str__(self) -> str:
        return "the end" if self.sort is Sort.END else repr(self.text)


def tokens(expression: str) -> list[Token]:
    """The tokens, with one for the end. Raises BadExpression."""
    found = list(_tokens(expression.rstrip()))
    if len(found) > MAX_TOKENS:
        message = f"the expression is too long: at most {MAX_TOKENS:,} words and signs"
        raise BadExpression(message, found[MAX_TOKENS].position)
    return found


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise BadExpression(_unreadable(text[start]), start)
        sort = Sort(str(match.lastgroup))
        piece = match[match.lastgroup or 0]
        if sort is Sort.TEXT:
            piece = _ESCAPED.sub(r"\1", piece[1:-1])
        yield Token(sort, piece, match.start(match.lastgroup or 0))
        at = match.end()
    yield Token(Sort.END, "", len(text))


def _unreadable(character: str) -> str:
    if character in "\"'":
        return "the text has no closing quote"
    return f"{character!r} is not understood here"
