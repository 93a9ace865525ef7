"""The mails that users get, as plain text."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr
from textwrap import TextWrapper

from gas.domain.job import Job
from gas.events import Event, JobArchived, JobCompleted, JobFailed, JobRestored
from gas.platform.profiles import Profile


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says."""

    subject: str
    text: str


MOST_TO_COME = 10
"""While more of a user's results than that are still to come back, no mail tells of each."""


def letter(event: Event, job: Job, link: str, *, to_come: int = 0) -> Letter | None:
    """The letter for an event; None for one that nobody is written about.

    ``to_come`` counts the user's other results that are on their way back.
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
            return Letter(
                f"{name} is annotated",
                f"Your file {name} is annotated: {records:,} records, {annotated:,} of them with a"
                f" consequence.\n\nResult, log and summary: {link}{after}",
            )
        case JobFailed(code=code, message=message, line=line):
            place = f" (line {line})" if line else ""
            return Letter(
                f"{name} could not be annotated",
                f"Your file {name} could not be annotated{place}:\n\n{message}\n\n"
                f"Code: {code}\nThe job: {link}",
            )
        case JobArchived():
            return Letter(
                f"The result of {name} is archived",
                f"The result of {name} has moved to the archive; nothing is lost. Log and summary"
                f" stay readable.\n\nUpgrade to Premium and it comes back by itself: {link}",
            )
        case JobRestored() if to_come <= MOST_TO_COME:
            others = (
                f"\n\n{to_come} more of your results {'is' if to_come == 1 else 'are'} on the way."
                f" While more than {MOST_TO_COME} are, we do not write about each."
                if to_come
                else ""
            )
            return Letter(
                f"The result of {name} is back",
                f"The result of {name} is back from the archive and can be downloaded: {link}"
                + others,
            )
    return None


def message(event: Event, letter: Letter, profile: Profile, sender: str) -> EmailMessage:
    """The mail; its Message-ID and reference are the event's, so a duplicate can be told."""
    mail = EmailMessage()
    mail["From"] = formataddr(("GAS", sender))
    mail["To"] = formataddr((profile.name, profile.email))
    mail["Subject"] = letter.subject
    mail["Message-ID"] = f"<{event.id}@{sender.rpartition('@')[2]}>"
    mail["X-GAS-Event"] = event.id  # SES puts a Message-ID of its own in place of ours
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(
        wrapped(f"Hello {profile.name},\n\n{letter.text}\n\nGAS, the Genomics Annotation Service")
        + f"\nReference: {event.id}\n"
    )
    return mail


def wrapped(text: str) -> str:
    """Lines of at most 72 letters, so that plain ASCII travels as it is; links stay whole."""
    wrapper = TextWrapper(width=72, break_long_words=False, break_on_hyphens=False)
    lines = [line for long in text.splitlines() for line in wrapper.wrap(long) or [""]]
    return "\n".join(lines) + "\n"
