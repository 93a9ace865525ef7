"""Who gets a mail and what about: profile, account, job and suppression, read in one request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gas.aws.batches import get_each
from gas.aws.items import wire
from gas.domain.account import Account
from gas.domain.job import Job
from gas.eventstore.rows import account_from, job_from
from gas.tables.profiles import Profile, profile_from
from gas.tables.suppressions import (
    DynamoSuppressionTable,
    Suppression,
    address_key,
    suppression_from,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_KNOWN = 10_000
"""Users whose address, as SHA-256, a process remembers: some 2 MB."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A user to be mailed; ``job`` is None where there is none, or none was asked for.

    With a ``suppression`` no mail goes to the address of the profile.
    """

    profile: Profile
    account: Account | None
    job: Job | None
    suppression: Suppression | None


class RecipientTables(Protocol):
    """The tables of profiles, accounts, jobs and suppressions."""

    def read(self, user_id: str, job_id: str | None = None) -> Recipient | None:
        """The user, and the user's job with that id; None without a profile.

        Profile, account and job are strongly consistent, but may be of different moments.
        """


class DynamoRecipientTables:
    """Those tables in DynamoDB, which reads all for the price of single reads.

    The key of a suppression is the address, which only the profile tells. So the address that the
    user had last is asked about with the rest; if the profile has another one now, or the process
    has not seen this user, the suppression is read for itself.
    """

    def __init__(self, client: DynamoDBClient, prefix: str, most_known: int = MOST_KNOWN) -> None:
        self._client = client
        self._profiles, self._accounts = f"{prefix}-profiles", f"{prefix}-accounts"
        self._jobs, self._suppressions = f"{prefix}-jobs", f"{prefix}-suppressions"
        self._single = DynamoSuppressionTable(client, prefix)
        self._most_known = most_known
        self._address_of: dict[str, str] = {}

    def read(self, user_id: str, job_id: str | None = None) -> Recipient | None:
        key = {"user_id": user_id}
        keys = {self._profiles: dict(wire(key)), self._accounts: dict(wire(key))}
        if job_id:
            keys[self._jobs] = dict(wire(key | {"job_id": job_id}))
        guess = self._address_of.get(user_id)
        if guess:
            keys[self._suppressions] = dict(wire({"address": guess}))
        found = get_each(self._client, keys)
        if self._profiles not in found:
            return None
        profile = profile_from(found[self._profiles])
        account, job = found.get(self._accounts), found.get(self._jobs)
        address = address_key(profile.email)
        if address == guess:
            row = found.get(self._suppressions)
            suppression = suppression_from(row) if row else None
        else:
            suppression = self._single.get(profile.email)
            self._remember(user_id, address)
        return Recipient(
            profile,
            account_from(account) if account else None,
            job_from(job) if job else None,
            suppression,
        )

    def _remember(self, user_id: str, address: str) -> None:
        if len(self._address_of) >= self._most_known:
            self._address_of.clear()  # a read more for each user, once
        self._address_of[user_id] = address
