"""bcftools commands as stages of a pipeline."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from annotator.bundle import REFERENCE

_PROGRAM = [sys.executable, "-m", "annotator.processes.stage"]
_TO_STDOUT = ["--no-version", "-o", "-", "-O"]
TEXT, BINARY = "v", "u"

NORM = ["norm", "-f", REFERENCE]


def stage(words: list[str], form: str) -> list[str]:
    """A bcftools command between standard input and output, which is TEXT or BINARY."""
    return [*_PROGRAM, *words, *_TO_STDOUT, form, "-"]


def joined(stages: list[list[str]]) -> list[list[str]]:
    """Stages in a row, of which the last gives text."""
    last = len(stages) - 1
    return [stage(words, TEXT if n == last else BINARY) for n, words in enumerate(stages)]


def words(command: Sequence[str]) -> list[str]:
    """What bcftools is told by such a command; empty if it is another program."""
    is_ours = list(command[: len(_PROGRAM)]) == _PROGRAM
    return list(command[len(_PROGRAM) :]) if is_ours else []


def shown(command: Sequence[str]) -> list[str]:
    """A command as a person would type it."""
    told = words(command)
    return ["bcftools", *told] if told else list(command)
