"""The mails that users get, as plain text."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr
from textwrap import TextWrapper

from gas.domain.job import Job
from gas.events import Event, JobArchived, JobCompleted, JobFailed, JobRestored
from gas.tables.profiles import Profile

MOST_LATER = 10
"""A result is not told of that comes back before more of the same user's than that."""


@dataclass(frozen=True, slots=True)
class MailText:
    """What a mail says."""

    subject: str
    text: str


def mail_text(event: Event, job: Job, link: str, *, later: int = 0) -> MailText | None:
    """The letter for an event; None for one that nobody is written about.

    ``later`` counts the user's results that come back from cold storage after this one.
    """
    name = job.input.filename
    match event.data:
        case JobCompleted() as body:
            records = body.counts.get("records", 0)
            annotated = body.counts.get("annotated", 0)
            after = (
                f"\n\nThe result can be downloaded until {body.archive_after:%Y-%m-%d %H:%M} UTC"
                " and then moves to the archive. With Premium it stays at hand."
                if body.archive_after
                else ""
            )
            return MailText(
                f"{name} is annotated",
                f"Your file {name} is annotated: {records:,} records, {annotated:,} of them with a"
                f" consequence.\n\nResult, log and summary: {link}{after}",
            )
        case JobFailed(code=code, message=message, line=line):
            place = f" (line {line})" if line else ""
            return MailText(
                f"{name} could not be annotated",
                f"Your file {name} could not be annotated{place}:\n\n{message}\n\n"
                f"Code: {code}\nThe job: {link}",
            )
        case JobArchived():
            return MailText(
                f"The result of {name} is archived",
                f"The result of {name} has moved to the archive; nothing is lost. Log and summary"
                f" stay readable.\n\nUpgrade to Premium and it comes back by itself: {link}",
            )
        case JobRestored() if later <= MOST_LATER:
            others = (
                f"\n\nResults that come back after it: {later}. Of many at once we write about the"
                " last ones only."
                if later
                else ""
            )
            return MailText(
                f"The result of {name} is back",
                f"The result of {name} is back from the archive and can be downloaded: {link}"
                + others,
            )
    return None


def message(event: Event, mail_text: MailText, profile: Profile, sender: str) -> EmailMessage:
    """The mail; its Message-ID and reference are the event's, so a duplicate can be told."""
    mail = EmailMessage()
    mail["From"] = formataddr(("GAS", sender))
    mail["To"] = formataddr((profile.name, profile.email))
    mail["Subject"] = mail_text.subject
    mail["Message-ID"] = f"<{event.id}@{sender.rpartition('@')[2]}>"
    mail["X-GAS-Event"] = event.id  # SES puts a Message-ID of its own in place of ours
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(
        wrapped(
            f"Hello {profile.name},\n\n{mail_text.text}\n\nGAS, the Genomics Annotation Service"
        )
        + f"\nReference: {event.id}\n"
    )
    return mail


def wrapped(text: str) -> str:
    """Lines of at most 72 letters, so that plain ASCII travels as it is; links stay whole."""
    wrapper = TextWrapper(width=72, break_long_words=False, break_on_hyphens=False)
    lines = [line for long in text.splitlines() for line in wrapper.wrap(long) or [""]]
    return "\n".join(lines) + "\n"
