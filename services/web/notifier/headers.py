"""Mail headers with texts of users, so that a reader sees the text and nothing else.

``EmailMessage`` decodes RFC 2047 words in what it is given, so a text could bring its own, and with
them (CVE-2024-6923) headers of its own. Here a text is never parsed: it is encoded as a whole.
"""

from __future__ import annotations

import re
from email.header import Header
from email.policy import Policy
from typing import Self

from gas.domain.plain_text import without_hidden
from gas.messaging.delivery import Refused

# Sent as it is, so that logs and simple readers show it. Folding could change longer ones.
_PLAIN = re.compile(r"(?! )[\x20-\x7e]{1,60}(?<! )")
# One address in ASCII, and no character that ends an address or quotes one.
_ADDRESS = re.compile(r'[^\s<>()\[\],;:"\\@\x7f]{1,64}@[A-Za-z0-9.-]{1,253}', re.ASCII)


class TextHeader(str):
    """A header whose value is ``text``, with U+FFFD for hidden characters."""

    __slots__ = ("name", "wire")
    name: str
    wire: str

    def __new__(cls, name: str, text: str) -> Self:
        """The header of that name."""
        text = without_hidden(text)
        return cls._with(name, text, encoded(text, len(name) + 2))

    @classmethod
    def whole(cls, name: str, text: str) -> Self:
        """The header of a text of ours that must not be broken or encoded, such as an address."""
        return cls._with(name, text, text)

    @classmethod
    def _with(cls, name: str, text: str, wire: str) -> Self:
        header = super().__new__(cls, text)
        header.name = name
        header.wire = wire
        return header

    def fold(self, *, policy: Policy) -> str:
        """The header as it is sent: ``email.policy`` asks a value for it that has a name."""
        lines = self.wire.split("\n")
        return f"{self.name}: {policy.linesep.join(lines)}{policy.linesep}"


class AddressHeader(TextHeader):
    """A header with one address and the name of its owner."""

    __slots__ = ()

    def __new__(cls, name: str, owner: str, address: str) -> Self:
        """The header of that name. Raises Refused where ``address`` is not one address."""
        if not (_ADDRESS.fullmatch(address) and address.isascii()):
            raise Refused("the user's e-mail address is not one address")
        owner = without_hidden(owner)
        # Always encoded: outside of an encoded word many characters would have to be quoted.
        phrase = encoded(owner, len(name) + 2, always=True) if owner.strip() else ""
        text = f"{owner} <{address}>" if phrase else address
        return cls._with(name, text, f"{phrase}\n <{address}>" if phrase else address)


def encoded(text: str, indent: int, *, always: bool = False) -> str:
    """The text as RFC 2047 words, lines separated by a newline; a plain text as it is.

    ``indent`` is how many characters the first line has already.
    """
    if not always and _PLAIN.fullmatch(text) and "=?" not in text:
        return text
    return Header(text, "utf-8", maxlinelen=76, header_name="x" * (indent - 2)).encode()
