"""API tokens: ``gas_<user id>_<secret>``. Only a SHA-256 of the token is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime

from gas.tables.profiles import ApiToken, Profile

_FORM = re.compile(r"gas_([0-9a-f]{32})_[A-Za-z0-9_-]{43}")
_SECRET_BYTES = 32


def make_token(user_id: str, now: datetime) -> tuple[str, ApiToken]:
    """A new token as the user sees it, once, and as we keep it."""
    token = f"gas_{user_id.replace('-', '')}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    return token, ApiToken(_digest(token), token[-4:], now.isoformat(timespec="seconds"))


def user_of(token: str) -> str | None:
    """The user id that a token claims to belong to; None where it is no token of ours."""
    match = _FORM.fullmatch(token)
    if not match:
        return None
    digits = match.group(1)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def is_valid(token: str, profile: Profile) -> bool:
    """True if the profile's owner made this token and has not revoked it."""
    digest = _digest(token)
    return any(hmac.compare_digest(digest, kept.sha256) for kept in profile.tokens)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
