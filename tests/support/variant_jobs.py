"""Completed jobs with a given table of variants, in a server in memory."""

from __future__ import annotations

import hashlib

from gas.domain.job_rules import Complete, Start
from gas.events import ResultFile, ResultKind
from tests.support.web_server import User


def job_with_table(user: User, content: bytes | None) -> str:
    """The id of the user's completed job; ``content`` None is a job without the table."""
    world = user.server.world
    job = world.submit(user.id, b"##fileformat=VCFv4.2\n", "grch38-21q21")
    world.jobs.execute(job.job_id, Start("engine/1", "grch38-21q21@2"))
    files = []
    for kind in ResultKind:
        is_table = kind is ResultKind.VARIANTS
        if is_table and content is None:
            continue
        data = content if is_table and content is not None else b"x"
        key = f"{user.id}/{job.job_id}/my.{kind}"
        world.results.write(key, data)
        digest = hashlib.sha256(data).hexdigest()
        files.append(ResultFile(kind=kind, key=key, size_bytes=len(data), sha256=digest))
    world.jobs.execute(job.job_id, Complete(tuple(files), {"records": 1}, 0.5, None))
    return job.job_id
