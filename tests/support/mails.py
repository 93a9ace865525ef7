"""Mails as their readers get them: a part of plain text, and one of HTML."""

from __future__ import annotations

from email.message import EmailMessage

_OF_JOBS = ("is annotated", "could not be annotated", "is archived", "is back")


def is_about_a_job(subject: str) -> bool:
    """Whether a mail with that subject is about a job, and not about the account."""
    return any(words in subject for words in _OF_JOBS)


def plain_part(mail: EmailMessage) -> str:
    """The text of the mail."""
    return _part(mail, "plain")


def html_part(mail: EmailMessage) -> str:
    """The HTML of the mail."""
    return _part(mail, "html")


def _part(mail: EmailMessage, subtype: str) -> str:
    parts = {part.get_content_subtype(): part for part in mail.iter_parts()}
    assert list(parts) == ["plain", "html"], "the last one is what mail programs show"
    return str(parts[subtype].get_content())
