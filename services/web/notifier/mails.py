"""Mails, with a part of plain text and a part of HTML that say the same."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.utils import formataddr
from textwrap import TextWrapper

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from gas.domain.mail import UnsubscribeLink
from gas.domain.plain_text import without_hidden
from gas.events import Event
from gas.tables.profiles import Profile
from notifier.contents import Content, Site
from notifier.headers import AddressHeader, TextHeader

# Escaped is what is HTML: names of files and of people may have any character.
_TEMPLATES = Environment(
    loader=PackageLoader("notifier"),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
)


def build_mail(
    event: Event, content: Content, profile: Profile, sender: str, site: Site
) -> EmailMessage:
    """The complete mail from the address ``sender`` to the profile's owner.

    Its Message-ID and its reference are the event's id, so that a duplicate can be recognised.
    Raises Refused where the owner's address is not one address.
    """
    mail = EmailMessage()
    mail["From"] = formataddr(("GAS", sender))
    mail["To"] = AddressHeader("To", profile.name, profile.email)
    mail["Subject"] = TextHeader("Subject", content.subject)
    mail["Message-ID"] = f"<{event.id}@{sender.rpartition('@')[2]}>"
    mail["X-GAS-Event"] = event.id  # SES replaces the Message-ID by one of its own
    mail["Auto-Submitted"] = "auto-generated"
    unsubscribe = _unsubscribe(content, profile, site)
    if unsubscribe:
        # RFC 8058: the mail program may POST to the address, without asking its reader to log in.
        mail["List-Unsubscribe"] = TextHeader.whole("List-Unsubscribe", f"<{unsubscribe}>")
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    shown = {
        "content": content,
        "name": without_hidden(profile.name),
        "site": site,
        "unsubscribe": unsubscribe,
        "is_optional": not content.kind.is_essential,
        "reference": event.id,
    }
    text = _TEMPLATES.get_template("mail.txt").render(shown)
    mail.set_content(f"{_wrapped(text)}\nReference: {event.id}\n")
    html = _TEMPLATES.get_template("mail.html").render(shown)
    # Quoted: lines of HTML may be longer than mail servers take.
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return mail


def _unsubscribe(content: Content, profile: Profile, site: Site) -> str:
    """The address that stops mails of this kind; "" where there is none."""
    # Who has not logged in since there are keys finds the choice on the account page.
    if content.kind.is_essential or not profile.mail_key:
        return ""
    link = UnsubscribeLink.of(profile.user_id, content.kind, profile.mail_key)
    return site.unsubscribe(str(link))


def _wrapped(text: str) -> str:
    """The text in lines of at most 72 characters; links and other long words are not broken.

    Short lines of ASCII are sent as they are, longer ones in an encoding that nobody can read raw.
    """
    wrapper = TextWrapper(width=72, break_long_words=False, break_on_hyphens=False)
    lines = [line for long in text.splitlines() for line in wrapper.wrap(long) or [""]]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
