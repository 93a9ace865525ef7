"""Who a user is: the only place with personal data, apart from the log, so that it can go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gas.platform.rows import plain, wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as we keep it: its SHA-256, never the token. ``hint`` is its last four letters."""

    sha256: str
    hint: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A person: who the identity provider says they are, and the tokens they made."""

    user_id: str
    issuer: str
    subject: str
    email: str
    name: str
    institution: str = ""
    tokens: tuple[ApiToken, ...] = ()


class ProfileTable(Protocol):
    """The table ``gas-profiles``."""

    def get(self, user_id: str) -> Profile | None:
        """The profile, strongly consistent, or None."""

    def remember(self, profile: Profile) -> None:
        """Write what the identity provider said; tokens are left as they are."""

    def add_token(self, user_id: str, token: ApiToken) -> None:
        """Add a token to an existing profile."""

    def remove_token(self, user_id: str, sha256: str) -> None:
        """Remove a token; harmless when repeated."""


class DynamoProfileTable:
    """``gas-profiles`` in DynamoDB; ``tokens`` is a map from SHA-256 to the rest of a token."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-profiles"

    def get(self, user_id: str) -> Profile | None:
        answer = self._client.get_item(
            TableName=self._table, Key=wire({"user_id": user_id}), ConsistentRead=True
        )
        if "Item" not in answer:
            return None
        values = plain(answer["Item"])
        tokens = [
            ApiToken(sha256, token["hint"], token["created_at"])
            for sha256, token in values.pop("tokens", {}).items()
        ]
        tokens.sort(key=lambda token: token.created_at)
        return Profile(**values, tokens=tuple(tokens))

    def remember(self, profile: Profile) -> None:
        self._client.update_item(
            TableName=self._table,
            Key=wire({"user_id": profile.user_id}),
            UpdateExpression="SET issuer = :issuer, subject = :subject, email = :email,"
            " #name = :name, institution = :institution,"
            " tokens = if_not_exists(tokens, :none)",
            ExpressionAttributeNames={"#name": "name"},
            ExpressionAttributeValues=wire(
                {
                    ":issuer": profile.issuer,
                    ":subject": profile.subject,
                    ":email": profile.email,
                    ":name": profile.name,
                    ":institution": profile.institution,
                    ":none": {},
                }
            ),
        )

    def add_token(self, user_id: str, token: ApiToken) -> None:
        self._client.update_item(
            TableName=self._table,
            Key=wire({"user_id": user_id}),
            UpdateExpression="SET tokens.#sha = :token",
            ExpressionAttributeNames={"#sha": token.sha256},
            ExpressionAttributeValues=wire(
                {":token": {"hint": token.hint, "created_at": token.created_at}}
            ),
        )

    def remove_token(self, user_id: str, sha256: str) -> None:
        self._client.update_item(
            TableName=self._table,
            Key=wire({"user_id": user_id}),
            UpdateExpression="REMOVE tokens.#sha",
            ExpressionAttributeNames={"#sha": sha256},
        )
