"""Why an upload cannot be submitted."""

from __future__ import annotations

from gas.domain.job import Job
from web.problems import Problem


def submitted_otherwise(job: Job) -> Problem:
    """409 for an upload that became that job, with other wishes."""
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
    """409 for an upload that cannot be submitted; ``detail`` says why and what to do."""
    return Problem(
        409,
        slug,
        "The upload is not available",
        detail,
        errors=[{"field": "upload_id", "message": detail}],
    )
