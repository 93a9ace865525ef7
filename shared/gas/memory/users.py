"""What is known of a user, from tables in memory or from any others, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

from gas.tables.accounts import AccountTable
from gas.tables.callers import CallerRows
from gas.tables.jobs import JobTable
from gas.tables.profiles import ProfileTable
from gas.tables.recipients import Recipient
from gas.tables.sessions import SessionTable
from gas.tables.suppressions import SuppressionTable


@dataclass(frozen=True, slots=True)
class MemoryCallerTables:
    """One read of each table."""

    profiles: ProfileTable
    accounts: AccountTable
    sessions: SessionTable

    def read(self, user_id: str, session_id: str | None = None) -> CallerRows:
        return CallerRows(
            self.profiles.get(user_id),
            self.accounts.get(user_id),
            self.sessions.get(user_id, session_id) if session_id else None,
        )


@dataclass(frozen=True, slots=True)
class MemoryRecipientTables:
    """One read of each table."""

    profiles: ProfileTable
    accounts: AccountTable
    jobs: JobTable
    suppressions: SuppressionTable

    def read(self, user_id: str, job_id: str | None = None) -> Recipient | None:
        profile = self.profiles.get(user_id)
        if profile is None:
            return None
        return Recipient(
            profile,
            self.accounts.get(user_id),
            self.jobs.get(user_id, job_id) if job_id else None,
            self.suppressions.get(profile.email),
        )
