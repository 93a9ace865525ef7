"""What mails say, before it becomes text and HTML."""

from __future__ import annotations

from dataclasses import dataclass

from gas.domain.mail import MailKind

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    """A mail without greeting and signature.

    ``paragraphs`` come first, then ``facts`` (name and value), then the button ``action`` (label
    and address), then ``after``.
    """

    kind: MailKind
    subject: str
    headline: str
    paragraphs: tuple[str, ...]
    facts: tuple[Fact, ...] = ()
    action: tuple[str, str] | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """Where mails lead: ``url`` is the address of the pages, without a slash at its end."""

    url: str

    def job(self, job_id: str) -> str:
        """The page of a job."""
        return f"{self.url}/jobs/{job_id}"

    @property
    def account(self) -> str:
        """The account page."""
        return f"{self.url}/account"

    def unsubscribe(self, token: str) -> str:
        """The page that stops a kind of mail, and takes the click of a mail program."""
        return f"{self.url}/mail/unsubscribe/{token}"


def size(size_bytes: int) -> str:
    """``1.4 MB`` for 1,400,000 bytes; decimal units."""
    amount, unit = float(size_bytes), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{size_bytes} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
