"""What is told of a result beside it: the log, the summary, the provenance."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from annotator.bundle import Bundle
from annotator.consequences.gene_model_engine import GeneModelEngine
from annotator.report.summary import Summary
from annotator.validate.findings import Survey

_NO_HGVS = (
    "HGVSc and HGVSp are empty: they need mehari, which runs on Linux x86_64 with CPython 3.12 and"
    " 3.13, and for human genomes"
)
_SOFTWARE = ("gas-annotator", "pysam", "polars", "pyarrow", "numpy", "isal")


def tool(engine: str) -> str:
    """Our name and version and the engine's, ``engine``, as headers name them."""
    return f"GAS {version('gas-annotator')} ({engine})"


@dataclass(frozen=True, slots=True)
class About:
    """What the reports are of, and how it was made.

    ``sha256`` and ``size_bytes`` are of the upload, ``filename`` is its user's name for it;
    ``engine`` is the version of the engine, ``commands`` those of other programs.
    """

    filename: str
    sha256: str
    size_bytes: int
    engine: str
    bundle: Bundle
    commands: list[str]
    began: datetime


def write_log(path: Path, about: About, found: Survey, summary: Summary) -> None:
    """The log that the user reads: counts, then every repair, fault and record set aside."""
    rows = [
        f"file\t{about.filename}",
        f"bundle\t{about.bundle.version}\t{about.bundle.manifest.title}",
        f"engine\t{about.engine}",
        f"gene models\t{about.bundle.manifest.source}",
        f"records\t{summary.records}",
        f"annotated\t{summary.annotated}",
        f"samples\t{len(found.header.samples)}",
        *(f"not annotated\t{name}\t{n}" for name, n in summary.as_json()["not_annotated"].items()),
        *(f"haplotypes\t{name}\t{n}" for name, n in summary.as_json()["haplotypes"].items()),
        *(
            f"structural\t{name}\t{n}"
            for name, n in summary.as_json()["structural_variants"].items()
        ),
        *(f"consequence\t{term}\t{n}" for term, n in summary.as_json()["consequences"].items()),
        *(f"remark\t{remark}" for remark in summary.remarks),
    ]
    if about.engine == GeneModelEngine.NAME:
        rows.append(f"note\t{_NO_HGVS}")
    if not summary.records:
        rows.append("note\tno variants in this file")
    with path.open("w", encoding="utf-8") as log:
        for row in (*rows, *found.diagnostics.rows()):
            log.write(row + "\n")


def write_summary(path: Path, about: About, found: Survey, summary: Summary) -> None:
    """The numbers that plots are drawn from, and what was noticed about the file."""
    document = summary.as_json() | {
        "bundle": about.bundle.version,
        "engine": about.engine,
        "gene_models": about.bundle.manifest.source,
        "diagnostics": found.diagnostics.as_json(),
    }
    path.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def write_provenance(path: Path, about: About) -> None:
    """All that is needed to make the same result again, bit for bit; and when it was made."""
    manifest = about.bundle.manifest
    document: dict[str, Any] = {
        "input": {
            "filename": about.filename,
            "sha256": about.sha256,
            "size_bytes": about.size_bytes,
        },
        "bundle": {
            "name": manifest.name,
            "version": manifest.version,
            "assembly": manifest.assembly,
            "source": manifest.source,
            "sha256": manifest.sha256,
            "known": [
                source.model_dump(include={"name", "version", "licence", "citation"})
                for source in manifest.known
            ],
        },
        "engine": about.engine,
        "software": {name: version(name) for name in _SOFTWARE},
        "python": platform.python_version(),
        "commands": about.commands,
        "started_at": about.began.isoformat(timespec="milliseconds"),
        "ended_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
