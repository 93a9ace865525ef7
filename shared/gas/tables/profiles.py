"""Who a user is: the only place with personal data, apart from the log, so that it can go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from gas.aws.items import plain, wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TOLD = ("issuer", "subject", "email", "name", "institution")
"""What the identity provider says, and may say differently at the next login."""


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

    def save(self, profile: Profile) -> None:
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

    def save(self, profile: Profile) -> None:
        told = {name: getattr(profile, name) for name in _TOLD if getattr(profile, name)}
        # Older DynamoDB Locals refuse empty strings, so what is empty is left out.
        untold = [f"#{name}" for name in _TOLD if name not in told]
        change = "SET #tokens = if_not_exists(#tokens, :none), " + ", ".join(
            f"#{name} = :{name}" for name in told
        )
        self._update(
            profile.user_id,
            f"{change} REMOVE {', '.join(untold)}" if untold else change,
            names=("tokens", *_TOLD),
            values={":none": {}} | {f":{name}": value for name, value in told.items()},
        )

    def add_token(self, user_id: str, token: ApiToken) -> None:
        value = {"hint": token.hint, "created_at": token.created_at}
        self._update(
            user_id,
            f"SET #tokens.#{token.sha256} = :token",
            names=("tokens", token.sha256),
            values={":token": value},
        )

    def remove_token(self, user_id: str, sha256: str) -> None:
        self._update(user_id, f"REMOVE #tokens.#{sha256}", names=("tokens", sha256), values=None)

    def _update(
        self, user_id: str, change: str, *, names: tuple[str, ...], values: dict[str, Any] | None
    ) -> None:
        # Every name goes by a placeholder: DynamoDB reserves words by the hundred.
        more: Any = {"ExpressionAttributeValues": wire(values)} if values else {}
        self._client.update_item(
            TableName=self._table,
            Key=wire({"user_id": user_id}),
            UpdateExpression=change,
            ExpressionAttributeNames={f"#{name}": name for name in names},
            **more,
        )
