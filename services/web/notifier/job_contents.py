"""Mails about jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

from gas.domain.job import Job
from gas.domain.mail import MailKind
from gas.domain.plain_text import without_hidden
from gas.events import (
    FailureCode,
    JobArchived,
    JobBody,
    JobCompleted,
    JobFailed,
    JobRestored,
    ResultKind,
)
from notifier.contents import Content, Fact, Site, size
from notifier.zones import local_time

_WHAT_TO_DO = {
    FailureCode.NOT_VCF: "Save the variants as VCF (plain, gzip or bgzip) and upload that file.",
    FailureCode.DAMAGED_FILE: "The file was probably cut or changed on its way here. Check that it"
    " opens on your side (gzip -t FILE), then upload it again.",
    FailureCode.INVALID_VCF: "Correct the line that is named above, or write the file anew with"
    " bcftools, and upload it again. The job's page has all that was noticed.",
    FailureCode.WRONG_BUILD: "Choose the reference that the file was made with: on the job's page,"
    " “Run again” takes the same file with another one.",
    FailureCode.LIMIT_EXCEEDED: "Split the file, for instance by chromosome, and upload the parts.",
    FailureCode.INPUT_CHANGED: "The stored file is not the one that you submitted. Upload it again,"
    " and do not send another file to the same upload.",
    FailureCode.FETCH_FAILED: "Give the address again, on the page “New job”: it is not kept. A"
    " file behind a login needs a signed address, or upload the file itself.",
    FailureCode.INTERNAL: "This was our fault and not your file's. Try “Run again” on the job's"
    " page later; if that fails too, send us the job's number.",
}


def job_content(
    body: JobBody, job: Job, zone: str, site: Site, *, later_restores: int = 0
) -> Content | None:
    """The mail about an event of a job; None if there is no mail about it.

    ``zone`` is the reader's. ``later_restores`` is how many of the user's results come back from
    cold storage after this one.
    """
    match body:
        case JobCompleted():
            return _completed(body, job, zone, site)
        case JobFailed():
            return _failed(body, job, site)
        case JobArchived():
            return _archived(body, job, site)
        case JobRestored():
            return _restored(body, job, site, later_restores)
    return None


def leaving_content(job: Job, due: datetime, zone: str, site: Site) -> Content:
    """The mail that a result moves to the archive soon."""
    name, when = _name(job), local_time(due, zone)
    return Content(
        MailKind.LEAVING,
        f"The result of {name} moves to the archive soon",
        "Download your result in time",
        (f"You can download the result of {name} until {when}. Then it moves to the archive.",),
        (("Until", when), *_size_of(job)),
        ("Download the result", site.job(job.job_id)),
        (
            "Nothing is lost afterwards: log, summary and table stay readable, and an upgrade to"
            f" Premium brings the result back. With Premium it does not move: {site.account}",
        ),
    )


def _completed(body: JobCompleted, job: Job, zone: str, site: Site) -> Content:
    name, counts = _name(job), body.counts
    records, annotated = counts.get("records", 0), counts.get("annotated", 0)
    facts: list[Fact] = [
        ("Records", f"{records:,}"),
        ("With a consequence", f"{annotated:,}"),
    ]
    facts += [(label, f"{counts[key]:,}") for key, label in _MORE.items() if key in counts]
    facts += [("Bundle", job.bundle_version or job.bundle), ("Took", _seconds(body.seconds))]
    after: tuple[str, ...] = ()
    if body.archive_after:
        until = local_time(body.archive_after, zone)
        facts.append(("Download until", until))
        after = (
            f"You can download the result until {until}. Then it moves to the archive. With"
            f" Premium it stays available for download: {site.account}",
        )
    return Content(
        MailKind.COMPLETED,
        f"{name} is annotated",
        "Your file is annotated",
        (
            f"Your file {name} is annotated: {records:,} {'record' if records == 1 else 'records'},"
            f" {annotated:,} of them with a consequence.",
        ),
        tuple(facts),
        ("Open the result", site.job(job.job_id)),
        after,
    )


_MORE = {"genes": "Genes", "pathogenic": "Known to be pathogenic"}


def _failed(body: JobFailed, job: Job, site: Site) -> Content:
    name = _name(job)
    place = f" (line {body.line:,})" if body.line else ""
    todo = _WHAT_TO_DO.get(body.code, "The job's page says what can be done.")
    facts = (("What to do", todo), ("Code", str(body.code)))
    return Content(
        MailKind.FAILED,
        f"{name} could not be annotated",
        "Your file could not be annotated",
        (
            f"Your file {name} could not be annotated{place}:",
            without_hidden(body.message),
        ),
        facts,
        ("Open the job", site.job(job.job_id)),
    )


def _archived(body: JobArchived, job: Job, site: Site) -> Content:
    name = _name(job)
    return Content(
        MailKind.ARCHIVED,
        f"The result of {name} is archived",
        "Your result is in the archive",
        (
            f"The result of {name} has moved to the archive. Nothing is lost, and you can still"
            " read its log and summary.",
            "If you upgrade to Premium, the result comes back automatically, and we mail you when"
            " it is there. That takes minutes to hours, because the archive is slow.",
        ),
        (
            ("Size", size(body.archive.size_bytes)),
            ("SHA-256", body.archive.sha256),
        ),
        ("Open the job", site.job(job.job_id)),
    )


def _restored(body: JobRestored, job: Job, site: Site, later: int) -> Content:
    name = _name(job)
    file = body.results[0]
    after = f"Results that come back after it: {later}."
    return Content(
        MailKind.RESTORED,
        f"The result of {name} is back",
        "Your result is back",
        (f"The result of {name} is back from the archive, the same file byte for byte.",),
        (("Size", size(file.size_bytes)), ("SHA-256", file.sha256)),
        ("Download it", site.job(job.job_id)),
        (after,) if later else (),
    )


def restored_together_content(
    count: int, coming: int, site: Site, *, is_more: bool = False
) -> Content:
    """The mail that ``count`` results of one upgrade are back, and ``coming`` others not yet."""
    number = f"{'More than ' if is_more else ''}{count:,}"
    results = f"{number} results"
    # One mail for an upgrade: of those that come later none tells.
    still = (
        f"Still on their way: {coming:,}. Your list of jobs shows when they are back; no further"
        " mail does."
    )
    return Content(
        MailKind.RESTORED,
        f"Your results are back: {results}",
        "Your results are back",
        (
            f"{results} of yours are back from the archive since your upgrade, the same files byte"
            " for byte. When many come back, this is the only mail about them.",
            *((still,) if coming else ()),
        ),
        (("Results", number),),
        ("See your jobs", f"{site.url}/jobs"),
    )


def _name(job: Job) -> str:
    return without_hidden(job.input.filename)


def _size_of(job: Job) -> tuple[Fact, ...]:
    file = job.result(ResultKind.VCF)
    return (("Size", size(file.size_bytes)),) if file else ()


def _seconds(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds))) if seconds >= 60 else f"{seconds:.1f} seconds"
