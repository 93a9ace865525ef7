"""The bcftools programs that engines share, as stages of a pipeline."""

from __future__ import annotations

import sys

from annotator.bundle import REFERENCE, Bundle, KnownSource

_PROGRAM = [sys.executable, "-m", "annotator.engine.stage"]
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


def known_variants(bundle: Bundle) -> list[list[str]]:
    """A stage for each source of known variants."""
    return [_annotate(source) for source in bundle.manifest.known]


def shown(command: list[str]) -> list[str]:
    """A command as a person would type it."""
    is_ours = command[: len(_PROGRAM)] == _PROGRAM
    return ["bcftools", *command[len(_PROGRAM) :]] if is_ours else command


def _annotate(source: KnownSource) -> list[str]:
    columns = ["CHROM", "POS", "REF", "ALT", *(field.id for field in source.fields)]
    header = [
        word
        for field in source.fields
        for word in ("-H", f'##INFO=<ID={field.id},Number={field.number},Type={field.type}'
                           f',Description="{field.description}">')
    ]  # fmt: skip
    return ["annotate", "-a", source.file, "-c", ",".join(columns), *header]
