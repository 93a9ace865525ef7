"""One act on several jobs: each is done by itself, and what could not be done is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from web.problems import Problem, invalid_field

MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Refused:
    """A job that stayed as it was, and why."""

    job_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The ids of the jobs with which it was done, and the others with the reason."""

    done: tuple[str, ...]
    refused: tuple[Refused, ...]


def each(job_ids: Iterable[str], act: Callable[[str], object]) -> Outcome:
    """Do that with each job. Raises Problem (400) for no or too many jobs, and what is no id."""
    done, refused = [], []
    for job_id in checked(job_ids):
        try:
            act(job_id)
            done.append(job_id)
        except Problem as problem:
            if problem.status >= 500:
                raise  # AWS does not answer: the others would wait for it in vain, too
            refused.append(Refused(job_id, problem.detail))
    return Outcome(tuple(done), tuple(refused))


def checked(job_ids: Iterable[str]) -> tuple[str, ...]:
    """Each id once. Raises Problem (400) for none, too many, and for what is no id."""
    wanted = tuple(dict.fromkeys(job_ids))
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        message = f"choose 1 to {MOST_AT_ONCE} jobs; {len(wanted)} were chosen"
        raise invalid_field("job_ids", message, status=400)
    try:
        return tuple(str(UUID(job_id)) for job_id in wanted)
    except ValueError:
        raise invalid_field("job_ids", "must be ids of jobs", status=400) from None
