"""What is written once all records are annotated: the reports, and the header of the result."""

from __future__ import annotations

from pathlib import Path

from annotator.diagnostics import Kind
from annotator.output.tags import Tags, describe
from annotator.report import documents
from annotator.runner import protocol
from annotator.runner.work import Tally
from annotator.validate.findings import Survey


def finish(found: Survey, tags: Tags, tally: Tally, about: documents.About, folder: Path) -> None:
    """Complete the header, and write log, summary and provenance into ``folder``."""
    summary, unanswered = tally.summary, tally.unanswered
    summary.unanswered.update(unanswered.counts)
    unanswered.tell(found.diagnostics)
    tool = documents.tool(about.engine)
    describe(found.header, tags, tally.csq_fields, tool, about.bundle)
    documents.write_log(folder / protocol.RESULT_LOG, about, found, summary)
    documents.write_summary(folder / protocol.RESULT_SUMMARY, about, found, summary)
    documents.write_provenance(folder / protocol.RESULT_PROVENANCE, about)


def counts(found: Survey, tally: Tally) -> dict[str, int]:
    """The few numbers that a job shows."""
    return tally.summary.counts() | {
        "samples": len(found.header.samples),
        "repairs": found.diagnostics.count(Kind.REPAIR),
    }
