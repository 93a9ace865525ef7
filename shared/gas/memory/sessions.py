"""Sessions of browsers, in memory."""

from __future__ import annotations

import threading
from dataclasses import replace

from gas.tables.sessions import Session


class MemorySessionTable:
    """The sessions of all users."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[tuple[str, str], Session] = {}

    def put(self, session: Session) -> None:
        with self._lock:
            self._sessions[(session.user_id, session.session_id)] = session

    def get(self, user_id: str, session_id: str) -> Session | None:
        return self._sessions.get((user_id, session_id))

    def newest(self, user_id: str, limit: int) -> list[Session]:
        with self._lock:
            found = [key for key in self._sessions if key[0] == user_id]
            return [self._sessions[key] for key in sorted(found, reverse=True)[:limit]]

    def use(self, session: Session) -> bool:
        with self._lock:
            key = (session.user_id, session.session_id)
            known = self._sessions.get(key)
            if known is None:
                return False
            self._sessions[key] = replace(known, used_at=session.used_at, idle_at=session.idle_at)
            return True

    def rotate(self, session: Session, secret_sha256: str) -> bool:
        with self._lock:
            key = (session.user_id, session.session_id)
            known = self._sessions.get(key)
            if known is None or known.secret_sha256 != secret_sha256:
                return False
            self._sessions[key] = replace(
                known,
                secret_sha256=session.secret_sha256,
                former_sha256=session.former_sha256,
                former_until=session.former_until,
            )
            return True

    def remove(self, user_id: str, session_id: str) -> None:
        with self._lock:
            self._sessions.pop((user_id, session_id), None)
