"""How a job begins to run in parts, and begins anew where an execution was lost."""

from __future__ import annotations

import structlog

from annotator.bundle import Bundle
from annotator.heartbeat import OnTick
from annotator.outcome import reading_upload
from annotator.part_queue.place import new_root, plan_key, root_of, scatter_of, workplace
from annotator.ports import Ports
from annotator.scatter.splitting import Asked
from gas.domain.job import Job
from gas.domain.job_split import SplitIntoParts
from gas.events import Event
from gas.files.inputs import pin_of
from gas.messaging.executions import execution_name
from gas.observability import tracing

logger = structlog.get_logger()


def is_for_parts(job: Job, ports: Ports) -> bool:
    """True for a job whose file is large enough to be cut, or was cut before."""
    most = ports.settings.split_bytes
    return job.split is not None or 0 < most <= job.input.size_bytes


def runs_in_parts(job: Job, ports: Ports) -> bool:
    """True if an execution spreads the job's parts at this moment: nothing else is to be done."""
    found = job.running_split
    return found is not None and ports.executions.is_running(
        execution_name(job.job_id, found.version)
    )


def begin_in_parts(
    job: Job,
    bundle: Bundle,
    cause: Event,
    on_tick: OnTick,
    ports: Ports,
    *,
    carefully: bool = False,
) -> bool:
    """Cut the file of a started attempt, and start the execution that spreads its parts.

    A plan that an earlier attempt made is used again, with what is done of it, unless the file is
    to be looked at ``carefully``. False for a file that makes only one part, which is annotated as
    a whole instead; ``carefully`` not. Raises Rejected, Stopped, AlreadyFinished, Superseded, and
    what ``on_tick`` raises.
    """
    root = root_of(job.split) if job.split and not carefully else new_root(job, ports)
    place = workplace(job, bundle, on_tick, ports)
    ports.progress.begin_parts(job.job_id, plan_key(root), job.attempt)
    with tracing.span("split", bytes=job.input.size_bytes), reading_upload():
        plan = ports.steps.split(_asked(job, ports, carefully=carefully), root, place)
    if plan.parts < (1 if carefully else 2):
        ports.parts.erase(f"{root}/")
        return False
    command = SplitIntoParts(job.attempt, plan.parts, plan_key(root))
    job = ports.jobs.execute(job.job_id, command, known=job, cause=cause)
    if job.running_split:
        ports.executions.start(scatter_of(job, job.running_split, ports))
        logger.info("runs in parts", job_id=job.job_id, parts=plan.parts)
    return True


def _asked(job: Job, ports: Ports, *, carefully: bool) -> Asked:
    return Asked(
        key=job.input.key,
        pin=pin_of(job.input),
        size_bytes=job.input.size_bytes,
        filename=job.input.filename,
        part_bytes=ports.settings.part_bytes,
        max_inflated_bytes=ports.settings.max_inflated_bytes,
        split_multiallelics=job.split_multiallelics,
        carefully=carefully,
    )
