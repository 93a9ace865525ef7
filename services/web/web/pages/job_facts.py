"""What the version of a job decides of its page, written once for its owner.

Overview, files and timeline are most of the page, and no event changes a version that was reached.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import current_app, render_template, url_for
from markupsafe import Markup

from gas.domain.job import Job, JobStatus
from gas.events import ResultKind
from web.identity.viewer import is_visitor
from web.jobs.job_files import ListedFile, files_of, notes_of
from web.ports import ports
from web.recent import Recent
from web.results.plots import plots_of
from web.results.samples import USUAL, sample_checks


def facts_of(job: Job) -> Markup:
    """The HTML below what one can do with the job. Visitors are not told who did what."""
    if is_visitor(job):
        return _written(job)  # the addresses of a shared job have the token of its link
    kept: Recent[Markup] = current_app.extensions.setdefault("gas.job_facts", Recent())
    return kept.of(f"{job.job_id}/{job.version}", lambda: _written(job))


def table_address(job: Job) -> str:
    """The address of the result's table; empty if there is none that is open."""
    has_table = job.status is JobStatus.COMPLETED and job.result(ResultKind.VARIANTS)
    return url_for("results.table", job_id=job.job_id) if has_table else ""


def _written(job: Job) -> Markup:
    html = render_template(
        "_job_facts.html",
        job=job,
        is_visitor=is_visitor(job),
        files=[_linked(file, job) for file in files_of(job)],
        timeline=() if is_visitor(job) else ports().jobs.timeline(job),
        table=table_address(job),
        **_overview(job),
    )
    return Markup(html)  # noqa: S704  # a template of ours


def _linked(file: ListedFile, job: Job) -> dict[str, Any]:
    address = url_for(file.endpoint, job_id=job.job_id) if file.endpoint else ""
    return {**asdict(file), "address": address}


def _overview(job: Job) -> dict[str, Any]:
    if not job.result(ResultKind.SUMMARY):
        return {"summary": None}
    summary = ports().jobs.summary(job)
    return {
        "summary": summary,
        "notes": notes_of(summary),
        "plots": plots_of(summary),
        "samples": sample_checks(summary),
        "left_out": summary.get("samples_left_out", 0),
        "usual": USUAL,
    }
