"""Sessions of browsers: begun by a login, ended by a logout, by disuse, or after twelve hours.

The cookie only carries the key of a session, so what it opens is decided here at each request, by
any of the tasks of web.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gas.tables.sessions import PAGE, Session, SessionTable, end_all

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
USE = timedelta(minutes=1)
"""A use is written at most once a minute: a session may be idle for that much less."""
OVERLAP = timedelta(minutes=1)
"""After a rotation the former secret is accepted for requests that were under way."""
MOST = 20
"""Sessions of one user; a login ends the oldest ones beyond."""
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class SessionKey:
    """What a cookie carries: whose session, which one, and the secret that opens it."""

    user_id: str
    session_id: str
    secret: str

    @classmethod
    def read(cls, text: object) -> SessionKey | None:
        """The key of a cookie; None if it has none."""
        parts = text.split("/") if isinstance(text, str) else []
        return cls(*parts) if len(parts) == 3 and all(parts) else None

    def __str__(self) -> str:
        return f"{self.user_id}/{self.session_id}/{self.secret}"


@dataclass(frozen=True, slots=True)
class Sessions:
    """All that happens to sessions."""

    table: SessionTable
    now: Callable[[], datetime]
    new_id: Callable[[], str]

    def begin(self, user_id: str, browser: str = "") -> SessionKey:
        """A new session of the user; ends the oldest if there are too many."""
        now, secret = self.now(), _new_secret()
        session = Session(
            user_id=user_id,
            session_id=self.new_id(),
            secret_sha256=_sha256(secret),
            began_at=now,
            used_at=now,
            idle_at=now + IDLE,
            ends_at=now + LONGEST,
            browser=browser,
        )
        self.table.put(session)
        for old in self.table.newest(user_id, PAGE)[MOST:]:
            self.table.remove(user_id, old.session_id)
        return SessionKey(user_id, session.session_id, secret)

    def open(self, key: SessionKey, *, is_use: bool = True) -> Session | None:
        """The session that the key opens, or None. A request that no person made is no use."""
        return self.opened(key, self.table.get(key.user_id, key.session_id), is_use=is_use)

    def opened(self, key: SessionKey, session: Session | None, *, is_use: bool) -> Session | None:
        """The same, of the session with the key's ids as it was just read."""
        now = self.now()
        if session is None or not session.is_open(now) or not _fits(key.secret, session, now):
            return None
        if not is_use or now < session.used_at + USE:
            return session
        used = replace(session, used_at=now, idle_at=min(now + IDLE, session.ends_at))
        return used if self.table.use(used) else None

    def rotate(self, key: SessionKey) -> SessionKey:
        """The same session with a new secret; the one before is of use for a minute yet."""
        session = self.table.get(key.user_id, key.session_id)
        digest, secret = _sha256(key.secret), _new_secret()
        if session is None or not hmac.compare_digest(session.secret_sha256, digest):
            return key  # another request of this browser has rotated it, or it is over
        after = replace(
            session,
            secret_sha256=_sha256(secret),
            former_sha256=digest,
            former_until=self.now() + OVERLAP,
        )
        return replace(key, secret=secret) if self.table.rotate(after, digest) else key

    def of_user(self, user_id: str) -> list[Session]:
        """The user's open sessions, the newest first."""
        now = self.now()
        found = self.table.newest(user_id, PAGE)
        return [session for session in found if session.is_open(now)]

    def end(self, user_id: str, session_id: str) -> None:
        """End a session, for every copy of its cookie; idempotent."""
        self.table.remove(user_id, session_id)

    def end_all(self, user_id: str) -> int:
        """End all sessions of the user; returns how many rows there were."""
        return end_all(self.table, user_id)


def _new_secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _fits(secret: str, session: Session, now: datetime) -> bool:
    # Compared in constant time: the time of an answer must not show how much of a digest matches.
    digest = _sha256(secret)
    if hmac.compare_digest(digest, session.secret_sha256):
        return True
    is_overlap = session.former_until is not None and now < session.former_until
    return is_overlap and hmac.compare_digest(digest, session.former_sha256 or "")
