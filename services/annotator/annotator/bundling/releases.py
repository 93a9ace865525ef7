"""Which release a file is of, from its name and its first lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from annotator.bundling.reference import lines_of

_MOST_LINES = 5_000
_BY_NAME = (
    (re.compile(r"^[A-Z][a-z]+_[a-z_]+\.[\w.-]+?\.(\d+)(?:\.\w+)?\.gff3"), "ensembl-"),
    (re.compile(r"^gencode\.v(\w+)\."), "gencode-"),
    (re.compile(r"\.v(\d+(?:\.\d+)+)[._]"), ""),
)
_BY_LINE = (
    (
        re.compile(r"^#!annotation-source NCBI (?:RefSeq )?(?:Homo sapiens )?(?:\S+-)?(.+)"),
        "refseq-",
    ),
    (re.compile(r"^#!genome-build [A-Za-z0-9]+\.(p\d+)"), "refseq-"),
    (re.compile(r"^##dbSNP_BUILD_ID=(\d+)"), ""),
    (re.compile(r"^##fileDate=([\d-]+)"), ""),
)
_ODD = re.compile(r"[^A-Za-z0-9._-]+")


def release_of(path: Path) -> str:
    """The release, such as ``ensembl-115``, ``157`` or ``2025-11-01``; else the file's name."""
    for pattern, project in _BY_NAME:
        if found := pattern.search(path.name):
            return project + found[1]
    for line in _head(path):
        for pattern, project in _BY_LINE:
            if found := pattern.match(line):
                return project + _ODD.sub("-", found[1])
    return _ODD.sub("-", path.name.partition(".")[0])


def _head(path: Path) -> Iterator[str]:
    for line in islice(lines_of(path), _MOST_LINES):
        if not line.startswith("#"):
            return
        yield line
