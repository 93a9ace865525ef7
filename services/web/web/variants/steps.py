"""The filters of a question as steps: each keeps rows, and says what missing values mean to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from web.variants.sql import FALSE, Condition


class Missing(StrEnum):
    """What a step does with rows that lack the value it tests."""

    KEPT = "kept"
    REMOVED = "removed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Step:
    """A filter: ``condition`` is true for what it keeps.

    ``name`` is the parameter's, ``label`` is for people. ``is_missing`` is true where the value
    that it tests is missing. ``hides_pathogenic`` marks the filter of frequency, since people want
    to know which pathogenic variants it takes away. ``is_costly`` marks what should not be tested
    twice.
    """

    name: str
    label: str
    condition: Condition
    missing: Missing = Missing.NONE
    is_missing: Condition = FALSE
    hides_pathogenic: bool = False
    is_costly: bool = False


def at_least(name: str, label: str, sql: str, least: float) -> Step:
    """A step that keeps numbers from ``least`` on; what has none is removed, as bcftools does."""
    return Step(name, label, Condition(f"{sql} >= ?", (least,)), Missing.REMOVED, is_null(sql))


def is_null(sql: str) -> Condition:
    """True where the value is missing."""
    return Condition(f"{sql} IS NULL")


def one_of(sql: str, values: tuple[str, ...]) -> Condition:
    """True where the value is one of these."""
    if len(values) == 1:
        return Condition(f"{sql} = ?", values)
    return (
        Condition(f"{sql} IN (SELECT unnest(?))", (list(values),))
        if len(values) > 50
        else (Condition(f"{sql} IN ({', '.join('?' * len(values))})", values))
    )


def listed(words: tuple[str, ...], most: int = 3) -> str:
    """Words for a label: ``APP, CSTB or 3 more``."""
    if len(words) > most:
        return f"{', '.join(words[:most])} or {len(words) - most:,} more"
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
