"""How a job begins to run in parts, and begins anew where an execution was lost."""

from __future__ import annotations

import structlog

from annotator.bundle import Bundle
from annotator.heartbeat import Cancelled, OnTick
from annotator.outcome import working_on
from annotator.part_queue.place import new_root, plan_key, root_of, scatter_of, workplace
from annotator.ports import Ports
from annotator.rejection import Rejected
from annotator.runner.parent import Stopped
from annotator.scatter.plan import SplitPlan
from annotator.scatter.splitting import Asked
from gas.domain.errors import AlreadyFinished, Superseded
from gas.domain.job import Job
from gas.domain.job_split import SplitIntoParts
from gas.events import Event
from gas.files.inputs import pin_of
from gas.messaging.delivery import Interrupted
from gas.messaging.executions import execution_name
from gas.observability import tracing

logger = structlog.get_logger()

# After these nothing is under way that could need the plan.
_NO_PLAN = (Rejected, Stopped, Cancelled, Interrupted, AlreadyFinished, Superseded)


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
    ports.progress.begin_parts(job.job_id, plan_key(root), job.attempt)
    try:
        plan = _cut(job, bundle, root, on_tick, ports, carefully=carefully)
        if plan.parts < (1 if carefully else 2):
            ports.parts.erase(f"{root}/")
            return False
        command = SplitIntoParts(job.attempt, plan.parts, plan_key(root))
        begun = ports.jobs.execute(job.job_id, command, known=job, cause=cause)
    except _NO_PLAN:
        # No event names this plan, unless it is one of before, which another attempt may use.
        if job.split is None or root != root_of(job.split):
            ports.parts.erase(f"{root}/")
        raise
    if begun.running_split:
        if root != root_of(begun.running_split):
            # An operator sent the job back, and another attempt with this number was first.
            ports.parts.erase(f"{root}/")
        ports.executions.start(scatter_of(begun, begun.running_split, ports))
        logger.info("runs in parts", job_id=job.job_id, parts=plan.parts)
    return True


def _cut(
    job: Job, bundle: Bundle, root: str, on_tick: OnTick, ports: Ports, *, carefully: bool
) -> SplitPlan:
    place = workplace(job, bundle, on_tick, ports)
    asked = Asked(
        key=job.input.key,
        pin=pin_of(job.input),
        size_bytes=job.input.size_bytes,
        filename=job.input.filename,
        part_bytes=ports.settings.part_bytes,
        max_inflated_bytes=ports.settings.max_inflated_bytes,
        split_multiallelics=job.split_multiallelics,
        carefully=carefully,
    )
    with tracing.span("split", bytes=job.input.size_bytes), working_on(job, ports):
        return ports.steps.split(asked, root, place)
