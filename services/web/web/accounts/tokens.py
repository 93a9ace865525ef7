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


def make_token(user_id: str, now: datetime, name: str = "") -> tuple[str, ApiToken]:
    """A new token: the text that the user sees once, and the record that is stored.

    ``name`` is what the user calls it.
    """
    token = f"gas_{user_id.replace('-', '')}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    created_at = now.isoformat(timespec="seconds")
    return token, ApiToken(sha256_of(token), token[-4:], created_at, name)


def claimed_user_id(token: str) -> str | None:
    """The user id in the token, not yet verified; None if it does not have the form of a token."""
    match = _TOKEN.fullmatch(token)
    if not match:
        return None
    digits = match.group(1)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def stored_token(token: str, profile: Profile) -> ApiToken | None:
    """The record of the token; None if the profile's owner did not create it, or revoked it."""
    digest = sha256_of(token)
    # Compared in constant time: the time of an answer must not show how much of a digest matches.
    same = (one for one in profile.tokens if hmac.compare_digest(digest, one.sha256))
    return next(same, None)


def sha256_of(token: str) -> str:
    """The hexadecimal SHA-256 of a token, which is stored in its place."""
    return hashlib.sha256(token.encode()).hexdigest()
