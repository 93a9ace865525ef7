"""What splitting, parts and joining are given to work with, and where the parts of a job are."""

from __future__ import annotations

from collections.abc import Callable

from annotator.bundle import Bundle
from annotator.ports import Ports
from annotator.scatter.plan import ITEMS, PLAN
from annotator.scatter.workplace import Workplace
from gas.domain.job import Job, Split
from gas.messaging.executions import Scatter


def workplace(
    job: Job, bundle: Bundle, on_tick: Callable[[float, int], None], ports: Ports
) -> Workplace:
    """The workplace of one piece of work at that job."""
    settings = ports.settings
    return Workplace(
        inputs=ports.inputs,
        parts=ports.parts,
        results=ports.results,
        bundle=bundle,
        run=ports.annotate,
        on_tick=on_tick,
        should_stop=ports.is_stopping,
        now=ports.now,
        new_id=ports.new_id,
        work_folder=settings.work_folder,
        workers=settings.cores,
        max_seconds=settings.seconds_for(job.input.size_bytes),
    )


def new_root(job: Job, ports: Ports) -> str:
    """Where a new plan of the job is to be, in the bucket of parts."""
    return f"{job.user_id}/{job.job_id}/{ports.new_id()}"


def plan_key(root: str) -> str:
    """The key of the plan below a root."""
    return f"{root}/{PLAN}"


def root_of(split: Split) -> str:
    """Below which key the parts of that split are."""
    return split.plan_key.removesuffix(f"/{PLAN}")


def scatter_of(job: Job, split: Split, ports: Ports) -> Scatter:
    """What the execution of that split is given."""
    items_key = f"{root_of(split)}/{ITEMS}"
    return Scatter(job.user_id, job.job_id, split.version, ports.parts.bucket, items_key)
