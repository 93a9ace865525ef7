"""What an expression says, as a tree. ``position`` is a place in its text, from 0."""

from __future__ import annotations

from dataclasses import dataclass

Literal = float | int | str | bool


@dataclass(frozen=True, slots=True)
class Name:
    """A column; ``sample`` is the sample whose column it is, if the text names one."""

    name: str
    position: int
    sample: str | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a text, or true or false."""

    value: Literal
    position: int


Operand = Name | Constant


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands and one of ``= != < <= > >= contains``."""

    left: Operand
    sign: str
    right: Operand
    position: int


@dataclass(frozen=True, slots=True)
class Within:
    """``column in ("a", "b")``."""

    column: Name
    values: tuple[Constant, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Has:
    """``"APP" in all_symbols``: the text is among the words of the column, or its list."""

    column: Name
    value: Constant
    position: int


@dataclass(frozen=True, slots=True)
class IsMissing:
    """``column is missing``."""

    column: Name


@dataclass(frozen=True, slots=True)
class IsTrue:
    """A column of true and false alone."""

    column: Name


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    of: Tree


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of them at least."""

    parts: tuple[Tree, ...]


Tree = Comparison | Within | Has | IsMissing | IsTrue | Not | And | Or
