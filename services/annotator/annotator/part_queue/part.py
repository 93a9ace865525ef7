"""One part of a file: annotate it, wherever this process is, and answer."""

from __future__ import annotations

import structlog

from annotator.outcome import working_on
from annotator.part_queue.messages import PartMessage
from annotator.part_queue.place import root_of, workplace
from annotator.part_queue.work import NotWanted, at_work, must_run, wanted
from annotator.ports import Ports
from annotator.scatter.plan import PartDone
from annotator.scatter.store import find_done
from gas.domain.job import Split
from gas.observability import tracing

logger = structlog.get_logger()


def do_part(message: PartMessage, ports: Ports) -> None:
    """Annotate the part, count it, and answer the token. What is done is not done again.

    A part behind one that was refused is only answered.

    Raises Postponed, Interrupted, or anything else where it failed on our side.
    """
    work = wanted(message, ports)
    if work is None:
        return
    job = work.job
    try:
        with (
            at_work(message, work, ports) as on_tick,
            ports.bundle_cache.using(job.bundle_version or job.bundle) as bundle,
            tracing.span("annotate part", number=message.number),
            working_on(job, ports),
        ):
            done = ports.steps.annotate_part(
                work.root, message.number, workplace(job, bundle, on_tick, ports)
            )
            # After the last write: who ends the job from now on deletes what was written.
            must_run(job, ports)
    except NotWanted:
        return
    if done is None:
        ports.executions.answer(message.token)
        logger.info("part not needed, as records before it were refused")
        return
    _count_and_answer(message, done, work.split, ports)
    logger.info("part done", seconds=done.seconds, records=done.records, refused=bool(done.refused))


def answer_if_done(message: PartMessage, split: Split, ports: Ports) -> bool:
    """Count the part and answer its token if it is done; returns whether it is.

    The worker that did it may have died before its message was deleted.
    """
    done = find_done(ports.parts, root_of(split), message.number)
    if done is None:
        return False
    _count_and_answer(message, done, split, ports)
    return True


def _count_and_answer(message: PartMessage, done: PartDone, split: Split, ports: Ports) -> None:
    share = 1 / split.parts
    ports.progress.part_done(message.job_id, split.plan_key, message.number, share, done.records)
    # Last: what is counted and stored is done, and the answer may be lost.
    ports.executions.answer(message.token)
