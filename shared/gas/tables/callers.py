"""Who sends a request to web: profile, account and session, read in one request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gas.aws.batches import get_each
from gas.aws.items import wire
from gas.domain.account import Account
from gas.eventstore.rows import account_from
from gas.tables.profiles import Profile, profile_from
from gas.tables.sessions import Session, session_from

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class CallerRows:
    """What is known of a user; None is what there is not, or was not asked for."""

    profile: Profile | None = None
    account: Account | None = None
    session: Session | None = None


class CallerTables(Protocol):
    """The tables of profiles, accounts and sessions."""

    def read(self, user_id: str, session_id: str | None = None) -> CallerRows:
        """The user's profile and account, and the user's session with that id.

        Each is strongly consistent, but they may be of different moments.
        """


class DynamoCallerTables:
    """Those tables in DynamoDB, which reads all for the price of single reads."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._profiles, self._accounts = f"{prefix}-profiles", f"{prefix}-accounts"
        self._sessions = f"{prefix}-sessions"

    def read(self, user_id: str, session_id: str | None = None) -> CallerRows:
        key = {"user_id": user_id}
        keys = {self._profiles: dict(wire(key)), self._accounts: dict(wire(key))}
        if session_id:
            keys[self._sessions] = dict(wire(key | {"session_id": session_id}))
        found = get_each(self._client, keys)
        profile, account = found.get(self._profiles), found.get(self._accounts)
        session = found.get(self._sessions)
        return CallerRows(
            profile_from(profile) if profile else None,
            account_from(account) if account else None,
            session_from(session) if session else None,
        )
