"""The table of browsers' sessions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gas.aws.clients import Aws
from gas.events import new_id
from gas.memory.sessions import MemorySessionTable
from gas.settings import Settings
from gas.tables.sessions import DynamoSessionTable, Session, SessionTable

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def sessions(settings: Settings | None) -> SessionTable:
    if settings is None:
        return MemorySessionTable()
    return DynamoSessionTable(Aws(settings).dynamodb(), settings.prefix)


def session_of(user_id: str, browser: str = "") -> Session:
    end = NOW + 12 * HOUR
    return Session(user_id, new_id(), "a" * 64, NOW, NOW, NOW + HOUR, end, browser)


def test_a_session_is_found_by_its_user_and_id_until_it_is_removed(sessions: SessionTable) -> None:
    user = new_id()
    first, second = session_of(user), session_of(user, "Firefox on Linux")
    for one in (first, second, session_of(new_id())):
        sessions.put(one)
    assert sessions.get(user, first.session_id) == first
    assert sessions.get(new_id(), first.session_id) is None
    assert sessions.newest(user, 10) == [second, first]
    assert sessions.newest(user, 1) == [second]
    sessions.remove(user, first.session_id)
    sessions.remove(user, first.session_id)
    assert sessions.get(user, first.session_id) is None
    assert sessions.newest(user, 10) == [second]


def test_a_use_changes_no_secret_and_brings_nothing_back(sessions: SessionTable) -> None:
    session = session_of(new_id())
    sessions.put(session)
    rotated = replace(
        session, secret_sha256="b" * 64, former_sha256="a" * 64, former_until=NOW + HOUR
    )
    assert sessions.rotate(rotated, "a" * 64)
    used = replace(session, used_at=NOW + HOUR / 2, idle_at=NOW + 1.5 * HOUR)
    assert sessions.use(used)
    expected = replace(rotated, used_at=used.used_at, idle_at=used.idle_at)
    assert sessions.get(session.user_id, session.session_id) == expected
    sessions.remove(session.user_id, session.session_id)
    assert not sessions.use(used)
    assert not sessions.rotate(rotated, "b" * 64)
    assert sessions.get(session.user_id, session.session_id) is None


def test_of_two_rotations_at_once_one_counts(sessions: SessionTable) -> None:
    session = session_of(new_id())
    sessions.put(session)

    def rotate_to(digest: str) -> bool:
        after = replace(
            session, secret_sha256=digest, former_sha256="a" * 64, former_until=NOW + HOUR
        )
        return sessions.rotate(after, session.secret_sha256)

    assert [rotate_to("b" * 64), rotate_to("c" * 64)] == [True, False]
    kept = sessions.get(session.user_id, session.session_id)
    assert kept
    assert kept.secret_sha256 == "b" * 64
