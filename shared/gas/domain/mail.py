"""The kinds of mail, which of them users may stop, and the signature of a link that stops one.

The signature is an HMAC-SHA256 of the kind with a key of the user's own (``gas.tables.profiles``),
so a link cannot be made by others, stops nothing of another user, and needs no login (RFC 8058).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum


class MailKind(StrEnum):
    """What a mail is about; the values are stored and in links, so they never change."""

    COMPLETED = "completed"
    FAILED = "failed"
    LEAVING = "leaving"
    ARCHIVED = "archived"
    RESTORED = "restored"
    PLAN = "plan"
    TOKEN = "token"  # noqa: S105
    ERASED = "erased"

    @property
    def is_essential(self) -> bool:
        """True for what concerns the account itself: nobody should miss it."""
        return self in {MailKind.PLAN, MailKind.TOKEN, MailKind.ERASED}


OPTIONAL = tuple(kind for kind in MailKind if not kind.is_essential)
"""The kinds that users may stop."""

_TOKEN = re.compile(r"([A-Za-z0-9-]{1,64})\.([a-z]+)\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class UnsubscribeLink:
    """What a link says: whose mail of which kind is to stop. Only ``is_signed`` makes it true."""

    user_id: str
    kind: MailKind
    signature: str

    @classmethod
    def of(cls, user_id: str, kind: MailKind, key: str) -> UnsubscribeLink:
        """The link for a user with that key (hexadecimal)."""
        return cls(user_id, kind, _signature(user_id, kind, key))

    @classmethod
    def read(cls, text: str) -> UnsubscribeLink | None:
        """The link with that text; None where it is none, or of a kind that cannot be stopped."""
        found = _TOKEN.fullmatch(text)
        if not found or found[2] not in set(OPTIONAL):
            return None
        return cls(found[1], MailKind(found[2]), found[3])

    def is_signed(self, key: str) -> bool:
        """Whether it was made with that key; never with an empty one."""
        wanted = _signature(self.user_id, self.kind, key)
        return bool(key) and hmac.compare_digest(wanted, self.signature)

    def __str__(self) -> str:
        return f"{self.user_id}.{self.kind}.{self.signature}"


def _signature(user_id: str, kind: MailKind, key: str) -> str:
    text = f"unsubscribe/{user_id}/{kind}".encode()
    return hmac.new(bytes.fromhex(key), text, hashlib.sha256).hexdigest()
