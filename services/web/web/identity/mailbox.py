"""Whether a text is one e-mail address as mail servers take it (``Mailbox`` of RFC 5321, 4.1.2).

The address becomes the recipient of mails. Of several addresses, or one with a display name, the
others would get the user's mails too.
"""

from __future__ import annotations

import re


class RefusedIdentity(Exception):
    """The provider's description of the user cannot be accepted; the message is for the user."""


_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])*"'
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LOCAL_PART = rf"(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})"
_LITERAL = r"\[[!-Z^-~]+\]"
_MAILBOX = re.compile(rf"({_LOCAL_PART})@((?:{_LABEL}\.)*{_LABEL}|{_LITERAL})")
# RFC 5321, 4.5.3.1: octets of the local part, of the domain, and of a path without its brackets.
_MOST_LOCAL, _MOST_DOMAIN, _MOST = 64, 255, 254


def check_email(email: str, verified: object) -> None:
    """Raise RefusedIdentity unless GAS may send mail there.

    ``verified`` is the provider's claim ``email_verified``, None where it makes none.
    """
    if not email:
        raise RefusedIdentity(
            "Your account at the login service has no e-mail address. GAS needs one to mail you"
            " when a job is done. Add one there and log in again."
        )
    if not is_mailbox(email):
        raise RefusedIdentity(
            "What the login service gives as your e-mail address is not one address to which GAS"
            " can send mail, such as name@example.org. Correct it there and log in again."
        )
    if verified is not None and not is_verified(verified):
        raise RefusedIdentity(
            "The login service has not verified your e-mail address, so it may be somebody else's."
            " Confirm it there (look for its mail to you) and log in again."
        )


def is_verified(verified: object) -> bool:
    """Whether that value of the claim ``email_verified`` says so; some providers send a word."""
    return str(verified).lower() == "true"


def is_mailbox(text: str) -> bool:
    """True for exactly one address, without a name, a comment or a blank around it."""
    if len(text) > _MOST:
        return False
    match = _MAILBOX.fullmatch(text)
    return match is not None and len(match[1]) <= _MOST_LOCAL and len(match[2]) <= _MOST_DOMAIN
