"""A completed job with the real files of an annotation, and what an export of it answers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb

from annotator.runner import protocol
from gas.domain.job import Job
from gas.domain.job_rules import Complete, Start
from gas.events import ResultFile, ResultKind
from tests.support.web_server import User, WebServer

_FILES = {
    ResultKind.VCF: protocol.RESULT_VCF,
    ResultKind.VARIANTS: protocol.RESULT_VARIANTS,
    ResultKind.SUMMARY: protocol.RESULT_SUMMARY,
    ResultKind.PROVENANCE: protocol.RESULT_PROVENANCE,
}


def completed(server: WebServer, user: User, folder: Path) -> Job:
    """A job of the user with the result files of that folder."""
    return completed_of(server, user.id, folder)


def completed_of(server: WebServer, user_id: str, folder: Path, filename: str = "my.vcf.gz") -> Job:
    """The same of any account, with a file of that name."""
    world = server.world
    job = world.submit(user_id, filename=filename)
    world.jobs.execute(job.job_id, Start("engine/1", "grch38-21q21@2"))
    files = []
    for kind, name in _FILES.items():
        content = (folder / name).read_bytes()
        key = f"{user_id}/{job.job_id}/{name}"
        world.results.write(key, content)
        digest = hashlib.sha256(content).hexdigest()
        files.append(ResultFile(kind=kind, key=key, size_bytes=len(content), sha256=digest))
    counts = {"records": 1, "annotated": 1, "genes": 1}
    return world.jobs.execute(job.job_id, Complete(tuple(files), counts, 0.5, None))


@dataclass(frozen=True)
class Exports:
    """A user's completed job, and the file that its table came from."""

    user: User
    job: Job
    folder: Path

    def get(self, format_: str, **question: str) -> Any:
        """The answer to a request for an export."""
        query = urlencode({"format": format_, **question})
        return self.user.call("GET", f"/jobs/{self.job.job_id}/variants/export?{query}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What DuckDB reads from the job's own file, which is ``t`` in the query."""
        path = self.folder / protocol.RESULT_VARIANTS
        return duckdb.execute(sql.replace(" t ", f" '{path}' ")).fetchall()


def of(server: WebServer, folder: Path) -> Exports:
    user = server.user()
    return Exports(user, completed(server, user, folder), folder)
