"""Annotated files with their tables of variants, and questions to them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from web.variants.parameters import question_of
from web.variants.queries import Counts
from web.variants.table import Table

Parameters = dict[str, list[str]]
OpenTable = Callable[[Path], contextlib.AbstractContextManager[Table]]


def annotated(folder: Path, name: str, text: str) -> Path:
    """The annotated VCF of that text; the table is beside it."""
    upload = folder / f"{name}.vcf"
    upload.write_text(text)
    output = folder / f"{name}.annot.vcf.gz"
    command = [sys.executable, "-m", "annotator", "annotate", str(upload), "--quiet"]
    command += ["--bundle", "grch38-21q21", "--output", str(output)]
    command += ["--parquet", str(folder / f"{name}.parquet")]
    subprocess.run(command, check=True, timeout=120)
    return output


def asked(table: Table, parameters: Parameters) -> tuple[Counts, list[str]]:
    """The counts and all keys of a question, in its order."""
    plan = table.plan(question_of(parameters))
    counts = table.counts(plan)
    places = table.places(plan, counts, 100_000 if plan.order else 1_000)
    return counts, [row["key"] for row in table.rows((), places)]
