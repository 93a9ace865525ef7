"""Rows of one user from several tables, as one request reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from gas.aws.clients import Aws
from gas.events import new_id
from gas.memory.profiles import MemoryProfileTable
from gas.memory.sessions import MemorySessionTable
from gas.memory.suppressions import MemorySuppressionTable
from gas.memory.users import MemoryCallerTables, MemoryRecipientTables
from gas.runtime.repositories import utc_now
from gas.settings import Settings
from gas.tables.callers import CallerRows, CallerTables, DynamoCallerTables
from gas.tables.profiles import DynamoProfileTable, Profile, ProfileTable
from gas.tables.recipients import DynamoRecipientTables, Recipient, RecipientTables
from gas.tables.sessions import DynamoSessionTable, Session, SessionTable
from gas.tables.suppressions import (
    Cause,
    DynamoSuppressionTable,
    Suppression,
    SuppressionTable,
)
from tests.contract.event_store import EventStore, event_store_in_memory, event_store_on_aws

STOPPED = Suppression(Cause.BOUNCE, "no such mailbox", utc_now())


@dataclass(frozen=True, slots=True)
class Tables:
    """What is read together, and the tables that tests write; ``requests`` counts those of AWS."""

    callers: CallerTables
    recipients: RecipientTables
    profiles: ProfileTable
    sessions: SessionTable
    suppressions: SuppressionTable
    store: EventStore
    requests: list[str]

    def user(self) -> Profile:
        """A new user with an address of its own."""
        user_id = self.store.user()
        self.profiles.save(Profile(user_id, "i", "s", f"{user_id}@example.org", "Zoë"))
        profile = self.profiles.get(user_id)
        assert profile is not None
        return profile

    def session(self, user_id: str) -> Session:
        """A new session of the user."""
        now = utc_now()
        session = Session(user_id, new_id(), "a" * 64, now, now, now, now)
        self.sessions.put(session)
        return session


@pytest.fixture
def tables(settings: Settings | None) -> Tables:
    if settings is None:
        store = event_store_in_memory()
        own = MemoryProfileTable(), MemorySessionTable(), MemorySuppressionTable()
        callers = MemoryCallerTables(own[0], store.account_table, own[1])
        recipients = MemoryRecipientTables(own[0], store.account_table, store.job_table, own[2])
        return Tables(callers, recipients, *own, store, [])
    aws, prefix, requests = Aws(settings), settings.prefix, list[str]()
    client = aws.dynamodb()

    def count(model: Any, **_: Any) -> None:
        requests.append(model.name)

    client.meta.events.register("before-call.dynamodb", count)
    other = aws.dynamodb()
    return Tables(
        DynamoCallerTables(client, prefix),
        DynamoRecipientTables(client, prefix, most_known=2),
        DynamoProfileTable(other, prefix),
        DynamoSessionTable(other, prefix),
        DynamoSuppressionTable(other, prefix),
        event_store_on_aws(settings),
        requests,
    )


def test_a_caller_is_as_each_table_says(tables: Tables) -> None:
    profile = tables.user()
    session, account = tables.session(profile.user_id), tables.store.account_table
    known = CallerRows(profile, account.get(profile.user_id), session)
    assert tables.callers.read(profile.user_id, session.session_id) == known
    assert tables.callers.read(profile.user_id) == replace(known, session=None)
    assert known.account is not None
    assert set(tables.requests) <= {"BatchGetItem"}


def test_what_there_is_not_and_what_is_anothers_is_none(tables: Tables) -> None:
    other = tables.user()
    session, job = tables.session(other.user_id), tables.store.submitted(other.user_id)
    user_id = tables.store.user()
    account = tables.store.account_table.get(user_id)
    assert tables.callers.read(user_id, session.session_id) == CallerRows(account=account)
    assert tables.callers.read(new_id(), new_id()) == CallerRows()
    assert tables.recipients.read(user_id, job.job_id) is None
    found = tables.recipients.read(other.user_id, new_id())
    assert found is not None
    assert found.job is None


def test_a_recipient_is_as_each_table_says_and_soon_read_in_one_request(tables: Tables) -> None:
    profile = tables.user()
    job = tables.store.submitted(profile.user_id)
    account = tables.store.account_table.get(profile.user_id)
    expected = Recipient(profile, account, job, None)
    assert tables.recipients.read(profile.user_id, job.job_id) == expected
    assert tables.recipients.read(profile.user_id) == replace(expected, job=None)
    tables.suppressions.add(profile.email, STOPPED)
    assert tables.recipients.read(profile.user_id) == replace(
        expected, job=None, suppression=STOPPED
    )
    if tables.requests:
        assert tables.requests == ["BatchGetItem", "GetItem", "BatchGetItem", "BatchGetItem"]


def test_no_mail_goes_to_a_stopped_address_whichever_the_user_had_before(tables: Tables) -> None:
    profile = tables.user()
    old, new = profile.email, f"new-{profile.email}"
    tables.suppressions.add(new, STOPPED)

    def suppression() -> Suppression | None:
        found = tables.recipients.read(profile.user_id)
        assert found is not None
        return found.suppression

    assert suppression() is None
    tables.profiles.save(replace(profile, email=new))
    assert suppression() == STOPPED
    assert suppression() == STOPPED
    tables.profiles.save(replace(profile, email=old))
    assert suppression() is None
    for other in [tables.user() for _ in range(3)]:  # more than are remembered
        assert tables.recipients.read(other.user_id) is not None
    assert suppression() is None
