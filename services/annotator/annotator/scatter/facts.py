"""What a part tells of its records, as documents: findings, counts, and alleles without an answer.

Names in the file's own bytes are written as Latin-1, so that any byte can be told.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from annotator.bundle import Bundle
from annotator.diagnostics import Diagnostics
from annotator.report.summary import Summary
from annotator.report.unanswered import Unanswered
from annotator.runner.work import Tally
from annotator.validate.contigs import Contigs
from annotator.validate.findings import Survey
from annotator.validate.identifiers import Seen
from annotator.validate.status import Status
from annotator.vcf.header import Header

_NUMBERS = ("records", "lines", "agreeing", "is_sorted", "mismatch")
_COUNTERS = (
    *("consequences", "by_worst", "by_pick", "impacts", "genes", "by_contig"),
    *("statuses", "haplotypes", "structural"),
)
_COUNTS = ("records", "annotated", "pathogenic")
_ARRAYS = ("qualities", "frequencies")
_CHECKS = (
    *("zygosities", "on_x", "on_y", "changes"),
    *("depths", "site_depths", "balances", "rarity"),
)


def write_survey(path: Path, found: Survey) -> None:
    """Write all findings but the header and the places to cut at; see ``read_survey``."""
    document = {name: getattr(found, name) for name in _NUMBERS} | {
        "contigs": [_text(name) for name in found.contigs.names],
        "statuses": {status.name: times for status, times in found.statuses.items()},
        "first_line": {status.name: line for status, line in found.first_line.items()},
        "line_ends": sorted(found.line_ends),
        "undefined_filters": sorted(map(_text, found.undefined_filters)),
        "undefined_keys": sorted([column, _text(key)] for column, key in found.undefined_keys),
        "first": found.first,
        "last": found.last,
        "diagnostics": found.diagnostics.as_document(),
    }
    path.write_text(json.dumps(document), "utf-8")
    seen = found.identifiers
    with path.with_suffix(".npz").open("wb") as file:
        np.savez(
            file,
            hashes=np.concatenate([np.empty(0, dtype=np.uint64), *seen.hashes]),
            lines=np.concatenate([np.empty(0, dtype=np.int64), *seen.lines]),
        )


def read_survey(path: Path, header: Header, bundle: Bundle) -> Survey:
    """The findings that ``write_survey`` wrote; ``header`` is that of the file."""
    document = json.loads(path.read_bytes())
    contigs = contigs_of(document["contigs"], header, bundle)
    found = Survey(header, Diagnostics.of_document(document["diagnostics"]), contigs)
    for name in _NUMBERS:
        setattr(found, name, document[name])
    found.statuses = Counter({Status[name]: n for name, n in document["statuses"].items()})
    found.first_line = {Status[name]: line for name, line in document["first_line"].items()}
    found.line_ends = set(document["line_ends"])
    found.undefined_filters = set(map(_bytes, document["undefined_filters"]))
    found.undefined_keys = {(column, _bytes(key)) for column, key in document["undefined_keys"]}
    first = document["first"]
    found.first = (first[0], first[1]) if first else None
    found.last = (document["last"][0], document["last"][1])
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
        found.identifiers = Seen()
        found.identifiers.add(arrays["hashes"], arrays["lines"])
    return found


def contigs_of(names: list[str], header: Header, bundle: Bundle) -> Contigs:
    """The contigs of a file by their names as Latin-1, in their order there."""
    contigs = Contigs(bundle, header.contigs)
    for name in names:
        contigs.number(_bytes(name))
    return contigs


def names_of(contigs: Contigs) -> list[str]:
    """The names for ``contigs_of``."""
    return [_text(name) for name in contigs.names]


def write_tally(path: Path, tally: Tally) -> None:
    """Write the counts; see ``read_tally``."""
    summary, unanswered = tally.summary, tally.unanswered
    document: dict[str, Any] = {
        "csq_fields": tally.csq_fields,
        "counters": {name: getattr(summary, name) for name in _COUNTERS},
        "counts": {name: getattr(summary, name) for name in _COUNTS},
        "arrays": {name: getattr(summary, name).tolist() for name in _ARRAYS},
        "checks": {name: getattr(summary.checks, name).tolist() for name in _CHECKS},
        "density": [[contig, at, times] for (contig, at), times in summary.density.items()],
        "types": summary.changes.types,
        "transitions": summary.changes.transitions,
        "transversions": summary.changes.transversions,
        "unanswered": unanswered.counts,
        "listed": unanswered.listed,
    }
    path.write_text(json.dumps(document), "utf-8")


def read_tally(path: Path, contigs: Contigs, samples: list[bytes], bundle: Bundle) -> Tally:
    """The counts that ``write_tally`` wrote; contigs and samples are those of the whole file."""
    document = json.loads(path.read_bytes())
    summary = Summary.empty(contigs, samples, bundle)
    for name in _COUNTERS:
        setattr(summary, name, Counter(document["counters"][name]))
    for name in _COUNTS:
        setattr(summary, name, document["counts"][name])
    for name in _ARRAYS:
        setattr(summary, name, np.array(document["arrays"][name], dtype=np.int64))
    for name in _CHECKS:
        shape = getattr(summary.checks, name).shape
        values = np.array(document["checks"][name], dtype=np.int64).reshape(shape)
        setattr(summary.checks, name, values)
    summary.density = Counter({(contig, at): n for contig, at, n in document["density"]})
    summary.changes.types = Counter(document["types"])
    summary.changes.transitions = document["transitions"]
    summary.changes.transversions = document["transversions"]
    listed = [(line, reason) for line, reason in document["listed"]]
    unanswered = Unanswered(Counter(document["unanswered"]), listed)
    return Tally(summary, tuple(document["csq_fields"]), unanswered)


def _text(name: bytes) -> str:
    return name.decode("latin-1")


def _bytes(name: str) -> bytes:
    return name.encode("latin-1")
