"""The problems of uploads and their submission: what is wrong, and what to do."""

from __future__ import annotations

from gas.domain.job import Job
from gas.events import Plan
from web.jobs.storage import MOST_FORM_BYTES
from web.problems import Problem


def too_large(plan: Plan, size_bytes: int, limits: dict[Plan, int]) -> Problem:
    """413 for a file that the plan does not allow; ``limits`` are the bytes that plans do."""
    limit, premium_limit = limits[plan], limits[Plan.PREMIUM]
    detail = f"The file has {size_bytes:,} bytes; your plan allows {limit:,}."
    if plan is Plan.FREE and size_bytes <= premium_limit:
        detail += (
            f" Premium allows {premium_limit:,}: upgrade on the account page or with"
            " POST /api/v1/account/upgrade."
        )
    else:
        detail += " Compress the file with bgzip, or split it and submit the parts."
    return Problem(
        413,
        "upload-too-large",
        "The upload is too large",
        detail,
        limit_bytes=limit,
        plan=plan,
        upgrade_url="/account",
    )


def must_fit_a_form(size_bytes: int) -> None:
    """Raise Problem (413) for a file that one request cannot take."""
    if size_bytes <= MOST_FORM_BYTES:
        return
    raise Problem(
        413,
        "upload-needs-parts",
        "The file must be sent in parts",
        f"The file has {size_bytes:,} bytes, and one request takes {MOST_FORM_BYTES:,}. Begin with"
        " POST /api/v1/uploads/multipart instead, or use the page “New job”.",
        limit_bytes=MOST_FORM_BYTES,
    )


def submitted_otherwise(job: Job) -> Problem:
    """409 for an upload that became a job with other options."""
    split = "split" if job.split_multiallelics else "not split"
    return Problem(
        409,
        "upload-already-submitted",
        "The upload was submitted before",
        f"It became job {job.job_id}, with the bundle {job.bundle} and alternate alleles {split}."
        " To annotate the same file otherwise, run that job again once it has ended: POST"
        f" /api/v1/jobs/{job.job_id}/rerun, or “Run again” on its page.",
        job_id=job.job_id,
    )


def not_uploaded(slug: str, detail: str) -> Problem:
    """409 for an upload that cannot be submitted now."""
    return Problem(
        409,
        slug,
        "The upload is not available",
        detail,
        errors=[{"field": "upload_id", "message": detail}],
    )
