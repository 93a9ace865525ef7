"""bcftools commands as stages of a pipeline."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_PROGRAM = [sys.executable, "-m", "annotator.processes.stage"]
_TEXT_TO_STDOUT = ["--no-version", "-o", "-", "-O", "v", "-"]


def stage(words: list[str]) -> list[str]:
    """A bcftools command that reads a VCF from standard input and writes one to standard output."""
    return [*_PROGRAM, *words, *_TEXT_TO_STDOUT]


def words(command: Sequence[str]) -> list[str]:
    """What bcftools is told by such a command; empty if it is another program."""
    is_ours = list(command[: len(_PROGRAM)]) == _PROGRAM
    return list(command[len(_PROGRAM) :]) if is_ours else []
