"""Brings an upload into the form that is annotated: text, surveyed, in order, split if wished."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from annotator.bundle import Bundle
from annotator.diagnostics import Kind
from annotator.normalize import binary
from annotator.normalize.binary import as_text
from annotator.normalize.sorting import lines_file, sort
from annotator.normalize.splitting import COMMAND, split
from annotator.runner import protocol
from annotator.validate.findings import Survey
from annotator.validate.survey import survey
from annotator.variant_names.as_vcf import NamedVariants, as_vcf
from annotator.vcf.reading import Input

Tick = Callable[[float, int], None]

_RESOLVED = 0.5
"""The share of the work that it is to resolve names, where the upload is a list of them."""


@dataclass(frozen=True)
class Prepared:
    """A file in order, split where that is wished; what is known of it; remarks for the log.

    ``lines`` is a file of the lines that its records had in the upload, None if they have them
    still (``normalize.sorting.lines_file``). ``commands`` of other programs were used. So many
    ``workers`` may be forked now.
    """

    path: Path
    found: Survey
    workers: int
    lines: Path | None = None
    remarks: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)


def prepare(task: protocol.Wishes, bundle: Bundle, tick: Tick) -> Prepared:
    """Survey the upload, and write another file beside it where it needs one. Raises Rejected."""
    upload, folder, limit = Path(task.input), Path(task.folder), task.max_inflated_bytes
    text = as_text(upload, folder, limit)
    named = as_vcf(text, folder, bundle, limit, lambda share: tick(share * _RESOLVED, 0))
    # To resolve names uses polars, behind which no part may be forked; and lists are short.
    path, workers = (named.path, 1) if named else (text, task.workers)
    found = survey(Input(path, limit), bundle, tick, workers, task.smallest_slice)
    found.must_fit(bundle)
    is_binary = text != upload
    if is_binary:
        found.diagnostics.add(Kind.REPAIR, None, "the upload is BCF and was made VCF")
    lines: Path | None = None
    remarks: list[str] = []
    if not found.is_sorted:
        source, path = Input(path, limit), folder / "sorted.vcf.gz"
        sort(source, found.header, found.contigs, path)
        lines = lines_file(path)
    if task.split_multiallelics:
        source, path = Input(path, limit), folder / "split.vcf.gz"
        times = split(source, found, path, lines)
        lines = lines_file(path)
        remarks.append(f"{times} records with several alternate alleles were split, as asked")
    used = [binary.COMMAND] if is_binary else []
    used += [COMMAND] if task.split_multiallelics else []
    commands = [shlex.join(["bcftools", *words]) for words in used]
    if lines:
        again = survey(Input(path, limit), bundle, lambda *_: None, workers)
        again.diagnostics = found.diagnostics  # with the lines of the upload
        found = again
    if named:
        found.diagnostics = named.with_lines_of_list(found.diagnostics)
        lines = _lines_of_list(named, lines)
    return Prepared(path, found, workers, lines, remarks, commands)


def _lines_of_list(named: NamedVariants, lines: Path | None) -> Path:
    """A file of the lines of the list that records are of; ``lines`` are those of its VCF."""
    of_list = np.array([line or 0 for line in named.lines], dtype=np.int64)
    records = np.fromfile(lines, dtype=np.int64) - 1 if lines else np.flatnonzero(of_list)
    path = lines or lines_file(named.path)
    of_list[records].tofile(path)
    return path
