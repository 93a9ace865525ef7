"""What the page of a job lists of its files, and of what was noticed in the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gas.domain.job import Job, JobStatus
from gas.events import ResultKind
from web.jobs.service import result_name

_MOST_LINES = 5


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A result file; ``endpoint`` is the page that leads to it, empty if there is none now."""

    name: str
    size_bytes: int
    sha256: str
    endpoint: str
    note: str = ""


_ENDPOINTS = {
    ResultKind.VCF: "jobs.download",
    ResultKind.TABLE: "jobs.download_table",
    ResultKind.VARIANTS: "jobs.download_variants",
    ResultKind.LOG: "jobs.download_log",
    ResultKind.PROVENANCE: "api_jobs.show_provenance",
    ResultKind.SUMMARY: "api_jobs.show_summary",
}
_WITH_RESULT = {ResultKind.VCF, ResultKind.TABLE, ResultKind.VARIANTS}
_OTHER_NAMES = {
    ResultKind.PROVENANCE: "Provenance (JSON): versions and checksums of all that made it",
    ResultKind.SUMMARY: "Summary (JSON): the counts of this page",
}


def files_of(job: Job) -> list[ListedFile]:
    """The files that people take along; an archived VCF is named too, with its proof."""
    listed = []
    for kind, address in _ENDPOINTS.items():
        file = job.result(kind)
        is_at_hand = kind not in _WITH_RESULT or job.status is JobStatus.COMPLETED
        if file:
            name = _OTHER_NAMES.get(kind) or result_name(job, kind)
            endpoint = address if is_at_hand else ""
            note = "" if is_at_hand else "with the result"
            listed.append(ListedFile(name, file.size_bytes, file.sha256, endpoint, note))
        elif kind is ResultKind.VCF and job.archive:
            copy = job.archive
            name = result_name(job)
            listed.append(ListedFile(name, copy.size_bytes, copy.sha256, "", "in the archive"))
    return listed


@dataclass(frozen=True, slots=True)
class Noted:
    """One thing that was noticed ``count`` times, with the first lines, which count from 1."""

    about: str
    rule: str
    count: int
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NoteGroup:
    """All that was noticed of one kind, and what to do about it."""

    title: str
    advice: str
    count: int
    notes: tuple[Noted, ...]


_KINDS = {
    "unresolved": (
        "Names that were not found, or are wrong",
        "The result lacks them. Correct them, and send these lines again.",
    ),
    "fault": (
        "Against the rules of VCF",
        "The result has these lines as they were, where they can be read. Mend them in your file,"
        " then send it again.",
    ),
    "kept": (
        "Kept without a consequence",
        "The result has these records unchanged. If they should have one, look at the reference:"
        " “Run again” below takes another.",
    ),
    "repair": ("Repaired", "Nothing to do: the result has them repaired."),
    "limited": ("Only in part", "Too many to name each; the counts are complete."),
}


def notes_of(summary: dict[str, Any] | None) -> list[NoteGroup]:
    """What was noticed, by kind; empty where that is nothing, or the job is of before."""
    documents = (summary or {}).get("diagnostics") or []
    groups = []
    for kind, (title, advice) in _KINDS.items():
        notes = tuple(_noted(one) for one in documents if one.get("kind") == kind)
        if notes:
            groups.append(NoteGroup(title, advice, sum(note.count for note in notes), notes))
    return groups


def _noted(document: dict[str, Any]) -> Noted:
    lines = [first["line"] for first in document.get("first", ()) if first.get("line")]
    return Noted(
        document["about"], document.get("rule") or "", document["count"], tuple(lines[:_MOST_LINES])
    )
