"""Profiles: a user's name and e-mail address, and the hashes of their API tokens.

The only table with personal data. No event has any, so a person's data can be deleted while the
event log stays complete.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from gas.aws.items import Item, plain, wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# What the identity provider sends; each login replaces it.
_LOGIN_FIELDS = ("issuer", "subject", "email", "name", "institution")
_MOST_AT_ADDRESS = 10


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A stored API token: its hexadecimal SHA-256, and as ``hint`` its last 4 characters.

    ``name`` is what the user calls it. ``used_at`` is written at most once an hour, "" if never.
    """

    sha256: str
    hint: str
    created_at: str
    name: str = ""
    used_at: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A user: what the identity provider sent at the last login, and their API tokens.

    ``issuer`` and ``subject`` identify the person at the provider (OpenID Connect). ``zone`` is the
    time zone of the browser (``Europe/Berlin``), ``muted`` the kinds of mail that the user stopped,
    and ``mail_key`` (hexadecimal) signs the links in mails that stop one.
    """

    user_id: str
    issuer: str
    subject: str
    email: str
    name: str
    institution: str = ""
    tokens: tuple[ApiToken, ...] = ()
    zone: str = ""
    muted: tuple[str, ...] = ()
    mail_key: str = ""


def new_mail_key() -> str:
    """A key for links in mails: 256 random bits."""
    return secrets.token_hex(32)


class ProfileTable(Protocol):
    """The table ``gas-profiles``."""

    def get(self, user_id: str) -> Profile | None:
        """The profile, strongly consistent, or None."""

    def with_email(self, email: str) -> list[Profile]:
        """All profiles with that address, in upper or lower case. Reads the whole table.

        For operators' commands: no service asks for it, or may.
        """

    def at_address(self, email: str) -> list[Profile]:
        """Up to ten profiles with that address, in upper or lower case, by an index.

        Only of users who have logged in since there is that index. Eventually consistent.
        """

    def save(self, profile: Profile) -> None:
        """Create or update the profile; its stored tokens are left as they are."""

    def update(self, profile: Profile) -> bool:
        """The same, of a profile that is there; False without one."""

    def remove_tokens(self, user_id: str) -> None:
        """Remove all tokens of the profile, if there is one; idempotent."""

    def remove(self, user_id: str) -> None:
        """Delete the profile; idempotent."""

    def add_token(self, user_id: str, token: ApiToken, most: int) -> bool:
        """Add a token to an existing profile; False if it has ``most`` already."""

    def remove_token(self, user_id: str, sha256: str) -> None:
        """Remove a token; idempotent."""

    def use_token(self, user_id: str, sha256: str, used_at: str) -> None:
        """Store when a token was used; no effect if it was removed."""

    def set_zone(self, user_id: str, zone: str) -> None:
        """Store the time zone; no effect without a profile."""

    def mute(self, user_id: str, kinds: Collection[str]) -> None:
        """Store which kinds of mail are stopped, instead of before; no effect without a profile."""


def profile_from(item: Item) -> Profile:
    """The profile of a row of ``gas-profiles``."""
    values = plain(item)
    values.pop("address", None)
    tokens = [
        ApiToken(sha256=sha256, **token) for sha256, token in values.pop("tokens", {}).items()
    ]
    muted = tuple(values.pop("muted", ()))
    tokens.sort(key=lambda token: token.created_at)
    return Profile(**values, tokens=tuple(tokens), muted=muted)


class DynamoProfileTable:
    """``gas-profiles`` in DynamoDB; ``tokens`` is a map from SHA-256 to the rest of a token."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-profiles"

    def get(self, user_id: str) -> Profile | None:
        answer = self._client.get_item(
            TableName=self._table, Key=wire({"user_id": user_id}), ConsistentRead=True
        )
        return profile_from(answer["Item"]) if "Item" in answer else None

    def with_email(self, email: str) -> list[Profile]:
        pages = self._client.get_paginator("scan").paginate(TableName=self._table)
        # Not by DynamoDB's filter, which knows no case and costs the same reads.
        found = (profile_from(item) for page in pages for item in page["Items"])
        return [profile for profile in found if profile.email.lower() == email.lower()]

    def at_address(self, email: str) -> list[Profile]:
        answer = self._client.query(
            TableName=self._table,
            IndexName="by-address",
            KeyConditionExpression="address = :address",
            ExpressionAttributeValues=wire({":address": email.lower()}),
            Limit=_MOST_AT_ADDRESS,
        )
        found = (self.get(plain(item)["user_id"]) for item in answer["Items"])
        return [profile for profile in found if profile is not None]

    def save(self, profile: Profile) -> None:
        self._save(profile, "")

    def update(self, profile: Profile) -> bool:
        return self._if(lambda: self._save(profile, "attribute_exists(#tokens)"))

    def remove_tokens(self, user_id: str) -> None:
        # Without the condition an update of a row that is gone would make one anew.
        self._if(
            lambda: self._update(
                user_id,
                "SET #tokens = :none",
                names=("tokens",),
                values={":none": {}},
                condition="attribute_exists(#tokens)",
            )
        )

    def remove(self, user_id: str) -> None:
        self._client.delete_item(TableName=self._table, Key=wire({"user_id": user_id}))

    def _if(self, write: Callable[[], None]) -> bool:
        """Whether the condition of the write held."""
        try:
            write()
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _save(self, profile: Profile, condition: str) -> None:
        # Some DynamoDB emulators refuse empty strings, so empty fields are removed instead.
        fields = {name: getattr(profile, name) for name in _LOGIN_FIELDS}
        fields["address"] = profile.email.lower()  # the key of the index
        given = {name: value for name, value in fields.items() if value}
        empty = [f"#{name}" for name in fields if name not in given]
        # An update, not a put: a login must not delete tokens that are added at the same time.
        change = (
            "SET #tokens = if_not_exists(#tokens, :none),"
            " #mail_key = if_not_exists(#mail_key, :mail_key), "
        ) + ", ".join(f"#{name} = :{name}" for name in given)
        self._update(
            profile.user_id,
            f"{change} REMOVE {', '.join(empty)}" if empty else change,
            names=("tokens", "mail_key", *fields),
            values={":none": {}, ":mail_key": new_mail_key()}
            | {f":{name}": value for name, value in given.items()},
            condition=condition,
        )

    def add_token(self, user_id: str, token: ApiToken, most: int) -> bool:
        value = {name: text for name, text in asdict(token).items() if text and name != "sha256"}
        return self._if(
            lambda: self._update(
                user_id,
                f"SET #tokens.#{token.sha256} = :token",
                names=("tokens", token.sha256),
                values={":token": value, ":most": most},
                # In the write itself: of two requests at once only one gets the last place.
                condition="size(#tokens) < :most",
            )
        )

    def use_token(self, user_id: str, sha256: str, used_at: str) -> None:
        self._if(
            lambda: self._update(
                user_id,
                f"SET #tokens.#{sha256}.#used_at = :at",
                names=("tokens", sha256, "used_at"),
                values={":at": used_at},
                condition=f"attribute_exists(#tokens.#{sha256})",
            )
        )

    def set_zone(self, user_id: str, zone: str) -> None:
        self._set(user_id, "zone", zone)

    def mute(self, user_id: str, kinds: Collection[str]) -> None:
        self._set(user_id, "muted", sorted(kinds))

    def _set(self, user_id: str, name: str, value: str | list[str]) -> None:
        """Store one attribute of a profile that is there; an empty one is removed."""
        change = f"SET #{name} = :value" if value else f"REMOVE #{name}"
        self._if(
            lambda: self._update(
                user_id,
                change,
                names=(name, "tokens"),
                values={":value": value} if value else None,
                condition="attribute_exists(#tokens)",
            )
        )

    def remove_token(self, user_id: str, sha256: str) -> None:
        self._update(user_id, f"REMOVE #tokens.#{sha256}", names=("tokens", sha256), values=None)

    def _update(
        self,
        user_id: str,
        change: str,
        *,
        names: tuple[str, ...],
        values: dict[str, Any] | None,
        condition: str = "",
    ) -> None:
        # Every name is a placeholder: DynamoDB reserves more than 500 words, ``name`` among them.
        # boto3 refuses an empty value for this argument.
        optional: Any = {"ExpressionAttributeValues": wire(values)} if values else {}
        if condition:
            optional["ConditionExpression"] = condition
        self._client.update_item(
            TableName=self._table,
            Key=wire({"user_id": user_id}),
            UpdateExpression=change,
            ExpressionAttributeNames={f"#{name}": name for name in names},
            **optional,
        )
