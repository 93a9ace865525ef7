"""The text in the zip that says what is in it, and what is not and why."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from gas.domain.job import COLD, Job, JobStatus

_MOST_NAMED = 1_000  # missing files


def readme(
    jobs: Sequence[Job],
    cursor: str | None,
    missing: Sequence[str],
    hours: int,
) -> str:
    """The text. ``hours`` is how long the slowest restore takes, ``missing`` what was gone."""
    paragraphs = [
        "All that GAS keeps of you: account.json (profile, plan and what happened to the account),"
        f" notes.json (stars, tags, notes, filters, layouts, links) and {len(jobs):,} jobs, each in"
        " a folder with job.json (every event of it) and the files that are at hand, as far as you"
        " asked for them.",
    ]
    if cursor:
        paragraphs.append(
            "You have older jobs too. The next part: GET /api/v1/account/export?cursor=" + cursor
        )
    text = "\n\n".join(fill(paragraph, 88, break_long_words=False) for paragraph in paragraphs)
    return text + "\n" + _archived(jobs, hours) + _gone(missing)


def _archived(jobs: Sequence[Job], hours: int) -> str:
    cold = [job for job in jobs if job.status in COLD]
    if not cold:
        return "\nNothing of these jobs is in the archive.\n"
    head = fill(
        f"In the archive, so not here: {len(cold):,} results. Upgrade to Premium on the account"
        f" page: they come back by themselves, within {hours} hours at most, and we mail you. Then"
        " export again. The SHA-256 proves that the file is the same.",
        88,
    )
    return f"\n{head}\n\n" + "".join(map(_line, cold))


def _line(job: Job) -> str:
    copy = job.archive
    about = f"  {job.job_id}  {job.input.filename}\n"
    if copy:
        about += f"    {copy.size_bytes:,} bytes, SHA-256 {copy.sha256}\n"
    if job.status is JobStatus.RESTORING and job.restore_expected_by:
        about += f"    on its way back, expected by {job.restore_expected_by:%Y-%m-%d %H:%M} UTC\n"
    return about


def _gone(missing: Sequence[str]) -> str:
    if not missing:
        return ""
    names = "".join(f"  {name}\n" for name in missing[:_MOST_NAMED])
    return (
        f"\nGone while this was written (deleted, archived or replaced): {len(missing):,} files.\n"
        f"{names}"
    )
