"""The mails to users, as plain text."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr
from textwrap import TextWrapper

from gas.domain.job import Job
from gas.domain.plain_text import without_hidden
from gas.events import Event, JobArchived, JobCompleted, JobFailed, JobRestored
from gas.tables.profiles import Profile
from notifier.headers import AddressHeader, TextHeader

MAX_LATER_RESTORES = 10
"""A restored result is mailed only if at most this many of the user's results come back after it.

An upgrade may bring thousands of results back: the user gets mails about the last eleven.
"""


@dataclass(frozen=True, slots=True)
class MailText:
    """Subject and body of a mail, without greeting and signature."""

    subject: str
    text: str


def mail_text(event: Event, job: Job, link: str, *, later_restores: int = 0) -> MailText | None:
    """The mail about an event; None if there is no mail about it.

    ``link`` is the address of the job's page. ``later_restores`` is how many of the user's results
    come back from cold storage after this one.
    """
    name = without_hidden(job.input.filename)
    match event.data:
        case JobCompleted() as body:
            records = body.counts.get("records", 0)
            annotated = body.counts.get("annotated", 0)
            after = (
                f"\n\nYou can download the result until {body.archive_after:%Y-%m-%d %H:%M} UTC."
                " Then it moves to the archive. With Premium it stays available for download."
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
                f"Code: {code}\nJob: {link}",
            )
        case JobArchived():
            return MailText(
                f"The result of {name} is archived",
                f"The result of {name} has moved to the archive. Nothing is lost, and you can still"
                " read its log and summary.\n\nIf you upgrade to Premium, the result comes back"
                f" automatically: {link}",
            )
        case JobRestored() if later_restores <= MAX_LATER_RESTORES:
            others = (
                f"\n\nResults that come back after it: {later_restores}. When many come back at"
                " once, we only mail you about the last ones."
                if later_restores
                else ""
            )
            return MailText(
                f"The result of {name} is back",
                f"The result of {name} is back from the archive. Download it here: {link}" + others,
            )
    return None


def goodbye() -> MailText:
    """The last mail of an account."""
    return MailText(
        "Your account is deleted",
        "You closed your account, or its operators did for you. Now everything of yours is deleted:"
        " uploads, results, what was in the archive, notes and links. With this mail we delete your"
        " name and address too.\n\nIf you log in again, you begin a new, empty account.",
    )


def build_mail(event: Event, mail_text: MailText, profile: Profile, sender: str) -> EmailMessage:
    """The complete mail from the address ``sender`` to the profile's owner.

    Its Message-ID and its reference are the event's id, so that a duplicate can be recognised.
    Raises Refused where the owner's address is not one address.
    """
    mail = EmailMessage()
    mail["From"] = formataddr(("GAS", sender))
    mail["To"] = AddressHeader("To", profile.name, profile.email)
    mail["Subject"] = TextHeader("Subject", mail_text.subject)
    mail["Message-ID"] = f"<{event.id}@{sender.rpartition('@')[2]}>"
    mail["X-GAS-Event"] = event.id  # SES replaces the Message-ID by one of its own
    mail["Auto-Submitted"] = "auto-generated"
    greeting = f"Hello {without_hidden(profile.name)},"
    signature = "GAS, the Genomics Annotation Service"
    mail.set_content(
        wrapped(f"{greeting}\n\n{mail_text.text}\n\n{signature}") + f"\nReference: {event.id}\n"
    )
    return mail


def wrapped(text: str) -> str:
    """The text in lines of at most 72 characters; links and other long words are not broken.

    Short lines of ASCII are sent as they are, longer ones in an encoding that nobody can read raw.
    """
    wrapper = TextWrapper(width=72, break_long_words=False, break_on_hyphens=False)
    lines = [line for long in text.splitlines() for line in wrapper.wrap(long) or [""]]
    return "\n".join(lines) + "\n"
