"""Sessions of browsers: who is logged in where, and until when.

Kept on the server, so that a logout ends a session for every copy of its cookie. The cookie has a
secret of which only the SHA-256 is stored. Ended rows are deleted by DynamoDB, some time after.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from gas.aws.items import Item, plain, wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAGE = 100
"""More than a user ever has: ``web`` keeps to fewer."""


@dataclass(frozen=True, slots=True)
class Session:
    """One login in one browser.

    ``session_id`` is a UUIDv7 and no secret. ``ends_at`` is the latest end, ``idle_at`` the end
    unless the session is used before. After a rotation ``former_sha256`` is the hash of the secret
    before, which is accepted until ``former_until``. ``browser`` is a name such as "Firefox on
    Linux".
    """

    user_id: str
    session_id: str
    secret_sha256: str
    began_at: datetime
    used_at: datetime
    idle_at: datetime
    ends_at: datetime
    browser: str = ""
    former_sha256: str | None = None
    former_until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """True until the session is over; its row may exist for longer."""
        return now < min(self.idle_at, self.ends_at)


class SessionTable(Protocol):
    """The table ``gas-sessions``. Reads are strongly consistent."""

    def put(self, session: Session) -> None:
        """Store a new session."""

    def get(self, user_id: str, session_id: str) -> Session | None:
        """The session, over or not, or None."""

    def newest(self, user_id: str, limit: int) -> list[Session]:
        """Up to ``limit`` sessions of the user, over or not, the newest first."""

    def use(self, session: Session) -> bool:
        """Store ``used_at`` and ``idle_at`` of the session; False if it was removed meanwhile."""

    def rotate(self, session: Session, secret_sha256: str) -> bool:
        """Store the session's secrets, if ``secret_sha256`` is still the current one."""

    def remove(self, user_id: str, session_id: str) -> None:
        """Delete the session; idempotent."""


def end_all(table: SessionTable, user_id: str) -> int:
    """Delete all sessions of the user; idempotent. Returns how many there were."""
    count = 0
    while found := table.newest(user_id, PAGE):
        for session in found:
            table.remove(user_id, session.session_id)
        count += len(found)
    return count


class DynamoSessionTable:
    """``gas-sessions`` in DynamoDB."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-sessions"

    def put(self, session: Session) -> None:
        self._client.put_item(TableName=self._table, Item=_item(session))

    def get(self, user_id: str, session_id: str) -> Session | None:
        answer = self._client.get_item(
            TableName=self._table, Key=_key(user_id, session_id), ConsistentRead=True
        )
        return session_from(answer["Item"]) if "Item" in answer else None

    def newest(self, user_id: str, limit: int) -> list[Session]:
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="user_id = :user",
            ExpressionAttributeValues=wire({":user": user_id}),
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=limit,
        )
        return [session_from(item) for item in answer["Items"]]

    def use(self, session: Session) -> bool:
        return self._update(
            session, ("used_at", "idle_at", "expires_at"), "attribute_exists(session_id)", {}
        )

    def rotate(self, session: Session, secret_sha256: str) -> bool:
        return self._update(
            session,
            ("secret_sha256", "former_sha256", "former_until"),
            "secret_sha256 = :before",
            {":before": secret_sha256},
        )

    def remove(self, user_id: str, session_id: str) -> None:
        self._client.delete_item(TableName=self._table, Key=_key(user_id, session_id))

    def _update(
        self, session: Session, names: tuple[str, ...], condition: str, values: dict[str, str]
    ) -> bool:
        # Single attributes, not the row: a use must not undo a rotation at the same moment. And
        # only of a row that is there: neither of them may bring back what was signed out.
        item = _item(session)
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(session.user_id, session.session_id),
                UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in names),
                ConditionExpression=condition,
                ExpressionAttributeValues={f":{name}": item[name] for name in names}
                | wire(dict(values)),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _key(user_id: str, session_id: str) -> Any:
    return wire({"user_id": user_id, "session_id": session_id})


def _item(session: Session) -> Item:
    given = {name: value for name, value in asdict(session).items() if value not in (None, "")}
    values = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in given.items()
    }
    over = min(session.idle_at, session.ends_at)
    return dict(wire(values | {"expires_at": int(over.timestamp())}))


def session_from(item: Item) -> Session:
    """The session of a row of ``gas-sessions``."""
    values = plain(item)
    del values["expires_at"]
    moments = {
        name: datetime.fromisoformat(value)
        for name, value in values.items()
        if name.endswith(("_at", "_until"))
    }
    return Session(**values | moments)
