"""A job's life as its events tell it: what happened when, who did it, where the data was then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gas.events import (
    Event,
    JobArchived,
    JobBody,
    JobCancelled,
    JobCompleted,
    JobDeletionRequested,
    JobDeletionWithdrawn,
    JobFailed,
    JobInputFetched,
    JobReopened,
    JobRestored,
    JobRestoreRequested,
    JobSplit,
    JobStarted,
    JobSubmitted,
)
from web.jobs.bundle_choice import AUTO

_FILE = "Your file is in storage."
_AT_HAND = "File and result are at hand."
_COLD = "The annotated VCF is in cold storage only; summary and log stay at hand."


@dataclass(frozen=True, slots=True)
class Step:
    """One event for people. ``detail`` may be empty; ``proof`` is a SHA-256 in hexadecimal."""

    at: datetime
    who: str
    what: str
    detail: str
    where: str
    icon: str
    proof: str = ""


def steps_of(events: Iterable[Event]) -> list[Step]:
    """The steps, the first one first. Events that say nothing to people are left out."""
    found: list[Step] = []
    where = _FILE
    is_here = True
    for event in events:
        body = event.data
        if isinstance(body, JobSubmitted | JobInputFetched):
            is_here = bool(body.input.etag)
        if not isinstance(body, JobBody):
            continue
        told = _told(body)
        if told is None:
            continue
        who, what, detail, there, icon, *proof = told
        where = (there if is_here or there != _FILE else "") or where
        found.append(Step(event.time, who, what, detail, where, icon, *proof))
    return found


def _told(body: JobBody) -> tuple[str, ...] | None:
    """Who, what, detail, where (empty: as before), icon, and perhaps a proof."""
    match body:
        case JobSubmitted():
            again = " again, a copy for this job" if body.rerun_of else ""
            if body.input.fetched_from and not body.input.etag:
                return _address(body)
            bundle = "the reference of its header" if body.bundle == AUTO else body.bundle
            detail = f"{body.input.filename}, for {bundle}, on the plan {body.plan.title()}"
            return "You", f"Sent the file{again}", detail, _FILE, "cloud-arrow-up"
        case JobInputFetched():
            detail = f"{body.input.size_bytes:,} bytes from {body.input.fetched_from}"
            return "Annotator", "Fetched the file", detail, _FILE, "cloud-arrow-up"
        case JobStarted():
            what = "Began" if body.attempt == 1 else f"Began anew (attempt {body.attempt})"
            detail = f"{body.engine} with {body.bundle_version}"
            return (
                "Annotator",
                what,
                detail,
                "Your file is in storage, and being read.",
                "play-circle",
            )
        case JobSplit():
            detail = "Several machines annotate them, each part as soon as one is free"
            return "Annotator", f"Cut the file into {body.parts:,} parts", detail, "", "diagram-3"
        case JobCompleted():
            records = body.counts.get("records")
            detail = (
                f"{records:,} record{'' if records == 1 else 's'} in {body.seconds:.1f} s"
                if records is not None
                else ""
            )
            return "Annotator", "Completed the result", detail, _AT_HAND, "check-circle"
        case JobFailed():
            line = f" (line {body.line})" if body.line else ""
            return "Annotator", f"Could not annotate it{line}", body.message, _FILE, "x-circle"
        case JobArchived() | JobRestoreRequested() | JobRestored():
            return _cold(body)
        case JobCancelled() | JobReopened() | JobDeletionRequested() | JobDeletionWithdrawn():
            return _asked(body)
    return None


def _address(body: JobSubmitted) -> tuple[str, ...]:
    host = body.input.fetched_from
    detail = f"{body.input.filename} from {host}, on the plan {body.plan.title()}"
    where = f"Your file is at {host}."
    return "You", "Gave the address of the file", detail, where, "cloud-arrow-up"


def _cold(body: JobArchived | JobRestoreRequested | JobRestored) -> tuple[str, ...]:
    match body:
        case JobArchived():
            what = "Moved the annotated VCF to the archive"
            detail = "Copied, and compared by SHA-256, before the first copy was deleted"
            return "Archiver", what, detail, _COLD, "snow", body.archive.sha256
        case JobRestoreRequested():
            detail = f"With the tier {body.tier}"
            what = "Asked cold storage for the result"
            return "Restorer", what, detail, _COLD, "hourglass-split"
        case JobRestored():
            proof = body.results[0].sha256 if body.results else ""
            detail = "Compared by SHA-256 with what was archived"
            return "Thawer", "Brought the result back", detail, _AT_HAND, "arrow-repeat", proof


def _asked(
    body: JobCancelled | JobReopened | JobDeletionRequested | JobDeletionWithdrawn,
) -> tuple[str, ...]:
    who = "You" if body.by == body.user_id else "An operator"
    match body:
        case JobCancelled():
            return who, "Cancelled the job", "", _FILE, "slash-circle"
        case JobReopened():
            return who, "Sent the job back to be tried again", body.reason, _FILE, "arrow-repeat"
        case JobDeletionRequested():
            return who, "Deleted the job", "", "", "trash"
        case JobDeletionWithdrawn():
            return who, "Took the deletion back", "", "", "arrow-counterclockwise"
