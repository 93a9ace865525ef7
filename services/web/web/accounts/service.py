"""What users do with their accounts: sign-in, change of plan, API tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from gas.domain.account import (
    AcceptTerms,
    Account,
    Close,
    Downgrade,
    RecordToken,
    Register,
    Upgrade,
)
from gas.eventstore.repository import AccountRepository
from gas.tables.accounts import AccountTable
from gas.tables.callers import CallerRows, CallerTables
from gas.tables.profiles import ApiToken, Profile, ProfileTable
from web.accounts.billing import Billing
from web.accounts.operators import Operators
from web.accounts.tokens import claimed_user_id, make_token, stored_token

# Changing it would give every user a new account.
_NAMESPACE = UUID("6c1d3c0e-6f0b-4d5c-9a53-6f2b7f3f5f0a")

TOKEN_USE = timedelta(hours=1)
"""How often the use of a token is written, at most."""
MOST_ACCOUNTS = 100
"""Accounts of one person, one after the other: each login reads all closed ones before."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A user as the identity provider describes them; ``issuer`` and ``subject`` never change.

    ``is_email_verified`` only where the provider says so itself.
    """

    issuer: str
    subject: str
    email: str
    name: str
    institution: str = ""
    is_email_verified: bool = False

    def user_ids(self) -> Iterator[str]:
        """The ids of the person's accounts: the first, then one for each after a closed one.

        UUIDv5 of issuer and subject, so no table has to map one to the other. An id is never used
        again: whatever is late for a closed account cannot touch the next.
        """
        first = uuid5(_NAMESPACE, f"{self.issuer}\n{self.subject}")
        yield str(first)
        for number in range(2, MOST_ACCOUNTS + 1):
            yield str(uuid5(first, str(number)))

    def profile(self, user_id: str) -> Profile:
        """What is stored of the person under that id."""
        return Profile(
            user_id=user_id,
            issuer=self.issuer,
            subject=self.subject,
            email=self.email,
            name=self.name,
            institution=self.institution,
        )


class TooManyAccounts(Exception):
    """The person has closed ``MOST_ACCOUNTS`` accounts; the message is for them."""

    def __init__(self) -> None:
        super().__init__(
            f"You have closed {MOST_ACCOUNTS:,} accounts, and no more are made for the same login."
            " Ask the operators of this installation."
        )


class TooManyTokens(Exception):
    """The user has as many API tokens as are allowed; the message is for them."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"You have {limit:,} API tokens, and no more are allowed. Revoke one that you no longer"
            " use, then create a new one."
        )
        self.limit = limit


@dataclass(frozen=True, slots=True)
class AccountService:
    """Everything about accounts that pages, API and commands share."""

    accounts: AccountRepository
    table: AccountTable
    profiles: ProfileTable
    callers: CallerTables
    billing: Billing
    now: Callable[[], datetime]
    operators: Operators = field(default_factory=Operators)
    most_tokens: int = 20

    def sign_in(self, identity: Identity) -> Account:
        """The person's open account, made where there is none; also updates the profile.

        Raises TooManyAccounts.
        """
        for user_id in identity.user_ids():
            account = self.table.get(user_id)
            if account is None or not account.is_closed:
                found = self._enter(identity.profile(user_id), account)
                if not found.is_closed:
                    return found
        raise TooManyAccounts

    def _enter(self, profile: Profile, account: Account | None) -> Account:
        """The account with this profile; a closed one where it was closed a moment ago."""
        if account and self.profiles.update(profile):
            return account
        # An account's profile goes only after its end, so without one look again whether it is.
        account = self.accounts.load(profile.user_id) if account else None
        if account and account.is_closed:
            return account
        self.profiles.save(profile)
        return account or self.accounts.execute(profile.user_id, Register(profile.user_id))

    def accept_terms(self, user_id: str, version: str) -> Account:
        """Record that the user accepts the terms of that version. Idempotent."""
        return self.accounts.execute(user_id, AcceptTerms(version))

    def close(self, user_id: str, reason: str) -> Account:
        """Close the account for good: the archiver deletes all that is the user's. Idempotent."""
        return self.accounts.execute(user_id, Close(by=user_id, reason=reason))

    def upgrade(self, user_id: str) -> Account:
        """Charge the user and move the account to Premium; a Premium account is not charged again.

        Raises BillingUnavailable.
        """
        account = self.accounts.load(user_id)
        if account and account.plan == "premium":
            return account
        reference = self.billing.charge(user_id)
        return self.accounts.execute(user_id, Upgrade(reference), known=account)

    def downgrade(self, user_id: str, reason: str) -> Account:
        """Move the account to Free: the grace period of its completed results starts now."""
        return self.accounts.execute(user_id, Downgrade(reason))

    def new_token(self, user_id: str, name: str = "") -> str:
        """A new API token of the user. It is not stored, so it cannot be shown again.

        Raises TooManyTokens.
        """
        token, stored = make_token(user_id, self.now(), name)
        if not self.profiles.add_token(user_id, stored, self.most_tokens):
            raise TooManyTokens(self.most_tokens)
        # The user is mailed about it. Without an answer nobody has the token, so no mail is lost.
        self.accounts.execute(user_id, RecordToken(stored.hint))
        return token

    def owner_of(self, token: str) -> tuple[Profile, Account | None] | None:
        """Profile and account of the token's owner; None if the token is not valid."""
        user_id = claimed_user_id(token)
        found = self.callers.read(user_id) if user_id else CallerRows()
        stored = stored_token(token, found.profile) if found.profile else None
        if found.profile is None or stored is None:
            return None
        self._note_use(found.profile.user_id, stored)
        return found.profile, found.account

    def _note_use(self, user_id: str, token: ApiToken) -> None:
        """Store that the token was used, at most once an hour: a program asks very often."""
        now = self.now()
        if not token.used_at or now >= datetime.fromisoformat(token.used_at) + TOKEN_USE:
            self.profiles.use_token(user_id, token.sha256, now.isoformat(timespec="seconds"))
