"""API tokens: ``gas_<user id>_<secret>``. Only the SHA-256 of a token is stored.

The user id is part of the token, so the profile is found by its key and needs no index of hashes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime

from gas.tables.profiles import ApiToken, Profile

_TOKEN = re.compile(r"gas_([0-9a-f]{32})_[A-Za-z0-9_-]{43}")
_SECRET_BYTES = 32


def make_token(user_id: str, now: datetime) -> tuple[str, ApiToken]:
    """A new token: the text that the user sees once, and the record that is stored."""
    token = f"gas_{user_id.replace('-', '')}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    return token, ApiToken(sha256_of(token), token[-4:], now.isoformat(timespec="seconds"))


def claimed_user_id(token: str) -> str | None:
    """The user id in the token, not yet verified; None if it does not have the form of a token."""
    match = _TOKEN.fullmatch(token)
    if not match:
        return None
    digits = match.group(1)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def is_valid(token: str, profile: Profile) -> bool:
    """True if the profile's owner created this token and has not revoked it."""
    digest = sha256_of(token)
    # Compared in constant time: the time of an answer must not show how much of a digest matches.
    return any(hmac.compare_digest(digest, stored.sha256) for stored in profile.tokens)


def sha256_of(token: str) -> str:
    """The hexadecimal SHA-256 of a token, which is stored in its place."""
    return hashlib.sha256(token.encode()).hexdigest()
