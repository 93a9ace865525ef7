"""The result files of a job: under which keys they are stored, and how the job is completed.

Each attempt stores its files under an id of its own, so that deleting them never touches those of
another attempt. What no event names is deleted by whoever stored it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from annotator.names import result_stem
from annotator.ports import Ports
from annotator.runner import protocol
from gas.domain.account import Account
from gas.domain.errors import AlreadyFinished
from gas.domain.job import Job
from gas.domain.job_rules import Complete
from gas.events import Event, Plan, ResultFile, ResultKind
from gas.messaging.delivery import Interrupted

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Stored:
    """How a result is stored: ``name`` is that in the work folder, ``suffix`` ends its key."""

    kind: ResultKind
    name: str
    suffix: str


STORED = (
    Stored(ResultKind.VCF, protocol.RESULT_VCF, ".annot.vcf.gz"),
    Stored(ResultKind.INDEX, protocol.RESULT_INDEX, ".annot.vcf.gz.csi"),
    Stored(ResultKind.TABLE, protocol.RESULT_TSV, ".annot.tsv.gz"),
    Stored(ResultKind.VARIANTS, protocol.RESULT_VARIANTS, ".variants.parquet"),
    Stored(ResultKind.LOG, protocol.RESULT_LOG, ".vcf.count.log"),
    Stored(ResultKind.SUMMARY, protocol.RESULT_SUMMARY, ".summary.json"),
    Stored(ResultKind.PROVENANCE, protocol.RESULT_PROVENANCE, ".provenance.json"),
)
"""Every result file, in the order in which they are stored."""


def keys_of(job: Job, attempt_id: str) -> dict[str, str]:
    """The key of each result of that attempt, by its name in the work folder."""
    stem = f"{job.user_id}/{job.job_id}/{attempt_id}/{result_stem(job.input.filename)}"
    return {stored.name: f"{stem}{stored.suffix}" for stored in STORED}


def store(
    job: Job, folder: Path, metadata: Mapping[str, str], beat: Callable[[], None], ports: Ports
) -> tuple[ResultFile, ...]:
    """Store the results in the folder; ``beat`` is called after each. Raises what it raises."""
    keys = keys_of(job, ports.new_id())
    results: list[ResultFile] = []
    try:
        for stored in STORED:
            path, key = folder / stored.name, keys[stored.name]
            ports.results.put(key, path, protocol.CONTENT_TYPES[stored.name], metadata)
            size, sha256 = path.stat().st_size, _sha256(path)
            results.append(ResultFile(kind=stored.kind, key=key, size_bytes=size, sha256=sha256))
            beat()
    except Interrupted:
        # No event will name these files: without this only the daily reconciliation finds them.
        ports.results.delete(file.key for file in results)
        raise
    return tuple(results)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def complete(job: Job, command: Complete, cause: Event, ports: Ports) -> None:
    """Record that the job is complete; deletes the results if it has ended otherwise.

    Raises AlreadyFinished then, not where another attempt has completed it.
    """
    results, counts, seconds = command.results, command.counts, command.seconds
    try:
        done = ports.jobs.execute(job.job_id, command, known=job, cause=cause)
    except AlreadyFinished:
        # It was cancelled or failed meanwhile: no event names our files.
        ports.results.delete(file.key for file in results)
        raise
    if done.results != results:
        # Another attempt completed the job first: its files are the job's, ours are not.
        ports.results.delete(file.key for file in results)
        return
    records = counts.get("records", 0)
    metrics = {"annotation_seconds": seconds, "variants": records}
    if seconds:  # a coarse clock can measure 0
        metrics["variants_per_second"] = records / seconds
    logger.info("completed", job_id=job.job_id, **counts, metrics=metrics)
    ports.scheduler.record_pace(job, seconds)


def archive_after(
    results: Iterable[ResultFile], account: Account | None, ports: Ports
) -> datetime | None:
    """When the annotated VCF moves to cold storage; None if it stays."""
    on_free = account is not None and account.plan is Plan.FREE
    result = next(file for file in results if file.kind is ResultKind.VCF)
    moves = on_free and ports.archive_policy.is_archived(result)
    return ports.now() + ports.archive_policy.grace if moves else None
