"""The end of a file in parts: one result of all of them, and the job is complete."""

from __future__ import annotations

import structlog

from annotator.heartbeat import Cancelled, OnTick
from annotator.part_queue.begin import begin_in_parts
from annotator.part_queue.messages import JoinMessage
from annotator.part_queue.place import workplace
from annotator.part_queue.proof import sha256_of
from annotator.part_queue.work import OVER, NotWanted, Work, at_work, wanted
from annotator.ports import Ports
from annotator.results import STORED, archive_after, complete, keys_of
from annotator.runner.parent import Disproved, Stopped
from annotator.scatter.joining import Joined, PartsMissing
from gas.domain.job_rules import Complete, Start
from gas.events import ResultFile
from gas.messaging.delivery import Interrupted
from gas.observability import tracing
from gas.recovery import origin

logger = structlog.get_logger()


def join_parts(message: JoinMessage, ports: Ports) -> None:
    """Join the parts, append ``job.completed``, delete the parts and answer the token.

    Raises Postponed, Interrupted, or anything else where it failed on our side.
    """
    work = wanted(message, ports)
    if work is None:
        return
    try:
        with at_work(message, work, ports) as on_tick:
            _join(work, on_tick, ports)
    except NotWanted:
        return
    except PartsMissing as missing:
        # Answers are no proof. Without this end nobody would begin the missing ones anew.
        logger.error("answered parts are missing", job_id=message.job_id, parts=missing.numbers)
        ports.executions.refuse(message.token, OVER, str(missing))
        return
    ports.executions.answer(message.token)


def _join(work: Work, on_tick: OnTick, ports: Ports) -> None:
    job = work.job
    with ports.bundle_cache.using(job.bundle_version or job.bundle) as bundle:
        keys = keys_of(job, ports.new_id())
        place = workplace(job, bundle, on_tick, ports)
        try:
            with tracing.span("join parts", parts=work.split.parts):
                metadata = origin.metadata_of(work.submitted)
                joined = ports.steps.join(work.root, place, keys.__getitem__, metadata)
                results = _results(joined, on_tick, ports)
        except Disproved as reason:
            logger.warning("the file is cut anew", job_id=job.job_id, reason=str(reason))
            start = Start(job.engine or "", bundle.version)
            job = ports.jobs.execute(job.job_id, start, known=job, cause=work.submitted)
            begin_in_parts(job, bundle, work.submitted, on_tick, ports, carefully=True)
            ports.parts.erase(f"{work.root}/")
            return
        except (Cancelled, NotWanted, Interrupted, Stopped):
            # No event will name what was made of the result.
            ports.results.delete(keys.values())
            raise
    began = job.started_at or job.submitted_at
    command = Complete(
        results,
        joined.counts,
        (ports.now() - began).total_seconds(),
        archive_after(results, ports.accounts.get(job.user_id), ports),
    )
    complete(job, command, work.submitted, ports)
    # After the event: until then another attempt may need them.
    ports.parts.erase(f"{work.root}/")


def _results(joined: Joined, on_tick: OnTick, ports: Ports) -> tuple[ResultFile, ...]:
    files = {file.name: file for file in joined.files}
    found = ((stored.kind, files[stored.name]) for stored in STORED)
    return tuple(
        ResultFile(
            kind=kind,
            key=file.key,
            size_bytes=file.size_bytes,
            sha256=sha256_of(file, ports.results, on_tick),
        )
        for kind, file in found
    )
