"""The errors of the table as problems, each with what to do next."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import structlog

from gas.domain.job import Job
from gas.events import ResultFile
from gas.files.bucket import NoSuchFile
from web.problems import Problem
from web.variants.cache import BadCopy, StillCopying
from web.variants.engine import Superseded, TooBusy, TooLarge, TooLong, Unreadable
from web.variants.opening import DamagedFile, OtherVersion
from web.variants.parameters import BadParameter

logger = structlog.get_logger()
_NARROWER = "Add a filter such as a gene, a region or an impact, or sort by fewer columns."


@contextlib.contextmanager
def as_problems(file: ResultFile, drop: Callable[[ResultFile], None]) -> Iterator[None]:
    """Turn errors into problems; ``drop`` forgets a copy that cannot be read."""
    try:
        yield
    except BadParameter as error:
        raise bad_parameter(error) from None
    except StillCopying as error:
        raise _opening(error.fraction) from None
    except (Unreadable, DamagedFile, BadCopy, NoSuchFile) as error:
        logger.error("variants unreadable", key=file.key, error=str(error))
        drop(file)
        raise _damaged() from error
    except OtherVersion as error:
        raise _other_version(str(error)) from None
    except TooLong:
        raise Problem(503, "question-too-long", "The question took too long", _NARROWER) from None
    except TooLarge:
        raise Problem(
            503, "question-too-large", "The question needs too much memory", _NARROWER
        ) from None
    except TooBusy:
        detail = "Many questions are being answered just now. Try again in a few seconds."
        raise Problem(503, "table-busy", "The table is busy", detail, retry_after=5) from None
    except Superseded:
        detail = "A newer question of the same view replaced this one."
        raise Problem(409, "question-replaced", "The question was replaced", detail) from None


def bad_parameter(error: BadParameter) -> Problem:
    """400 for a parameter; ``position`` is the character of an expression, from 0."""
    fault: dict[str, object] = {"field": error.field, "message": error.message}
    extra: dict[str, Any] = {"errors": [fault]}
    if error.position is not None:
        fault["position"] = extra["position"] = error.position
    return Problem(
        400,
        "invalid-request",
        "The request is not valid",
        f"{error.field}: {error.message}",
        **extra,
    )


def no_table(job: Job) -> Problem:
    """409 for a job from before GAS wrote the file."""
    return Problem(
        409,
        "table-not-made",
        "This job has no table of variants",
        "It ran before GAS wrote one. Run it again to get it.",
        run_again=job.job_id,
    )


def no_such_variant(key: str) -> Problem:
    """404 for a key that no row has."""
    return Problem(
        404, "variant-not-found", "No such variant", f"This result has no variant {key}."
    )


def _opening(fraction: float) -> Problem:
    return Problem(
        503,
        "table-opening",
        "The table is being opened",
        f"{fraction:.0%} of it is here. Try again in a few seconds.",
        fraction=round(fraction, 3),
        retry_after=2,
    )


def _damaged() -> Problem:
    return Problem(
        409,
        "table-damaged",
        "The table of variants cannot be read",
        "The file is damaged. Run the job again to get a new one; the VCF is not affected.",
    )


def _other_version(text: str) -> Problem:
    return Problem(
        409,
        "table-version",
        "The table of variants has another version",
        f"The file has {text}. Run the job again to get a new one.",
    )
