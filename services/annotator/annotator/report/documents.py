"""What is told of a result beside it: the log, the summary, the provenance."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from annotator.bundle import Bundle
from annotator.consequences.engine import Engine
from annotator.consequences.gene_model_engine import GeneModelEngine
from annotator.report.summary import Summary
from annotator.validate.findings import Survey

_NO_HGVS = (
    "HGVSc and HGVSp are empty: they need mehari, which runs on Linux x86_64 with CPython 3.12 and"
    " 3.13, and for human genomes"
)
_SOFTWARE = ("gas-annotator", "pysam", "polars", "pyarrow", "numpy", "isal")


def tool(engine: Engine) -> str:
    """Our name and version and the engine's, as headers name them."""
    return f"GAS {version('gas-annotator')} ({engine.version})"


@dataclass(frozen=True, slots=True)
class About:
    """What the reports are of: the upload, by the user's name for it and where it is here."""

    filename: str
    upload: Path
    engine: Engine
    bundle: Bundle


def write_log(path: Path, about: About, found: Survey, summary: Summary) -> None:
    """The log that the user reads: counts, then every repair, fault and record set aside."""
    rows = [
        f"file\t{about.filename}",
        f"bundle\t{about.bundle.version}\t{about.bundle.manifest.title}",
        f"engine\t{about.engine.version}",
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
    if about.engine.version == GeneModelEngine.NAME:
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
        "engine": about.engine.version,
        "gene_models": about.bundle.manifest.source,
        "diagnostics": found.diagnostics.as_json(),
    }
    path.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def write_provenance(path: Path, about: About, commands: list[str], began: datetime) -> None:
    """All that is needed to make the same result again, bit for bit; and when it was made."""
    manifest = about.bundle.manifest
    with about.upload.open("rb") as file:
        input_sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    document: dict[str, Any] = {
        "input": {
            "filename": about.filename,
            "sha256": input_sha256,
            "size_bytes": about.upload.stat().st_size,
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
        "engine": about.engine.version,
        "software": {name: version(name) for name in _SOFTWARE},
        "python": platform.python_version(),
        "commands": commands,
        "started_at": began.isoformat(timespec="milliseconds"),
        "ended_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
