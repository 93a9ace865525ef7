"""What users do with their accounts: sign-in, change of plan, API tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from gas.domain.account import Account, Downgrade, Register, Upgrade
from gas.eventstore.repository import AccountRepository
from gas.tables.accounts import AccountTable
from gas.tables.profiles import Profile, ProfileTable
from web.accounts.billing import Billing
from web.accounts.operators import Operators
from web.accounts.tokens import claimed_user_id, is_valid, make_token

# Changing it would give every user a new account.
_NAMESPACE = UUID("6c1d3c0e-6f0b-4d5c-9a53-6f2b7f3f5f0a")


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

    @property
    def user_id(self) -> str:
        """The user id: a UUIDv5 of issuer and subject, so no table has to map one to the other."""
        return str(uuid5(_NAMESPACE, f"{self.issuer}\n{self.subject}"))


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
    billing: Billing
    now: Callable[[], datetime]
    operators: Operators = field(default_factory=Operators)
    most_tokens: int = 20

    def sign_in(self, identity: Identity) -> Account:
        """The user's account, created at the first sign-in; also updates the profile."""
        user_id = identity.user_id
        self.profiles.save(
            Profile(
                user_id=user_id,
                issuer=identity.issuer,
                subject=identity.subject,
                email=identity.email,
                name=identity.name,
                institution=identity.institution,
            )
        )
        known = self.table.get(user_id)
        return known or self.accounts.execute(user_id, Register(user_id))

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

    def new_token(self, user_id: str) -> str:
        """A new API token of the user. It is not stored, so it cannot be shown again.

        Raises TooManyTokens.
        """
        token, stored = make_token(user_id, self.now())
        if not self.profiles.add_token(user_id, stored, self.most_tokens):
            raise TooManyTokens(self.most_tokens)
        return token

    def owner_of(self, token: str) -> Profile | None:
        """The profile of the token's owner; None if the token is not valid."""
        user_id = claimed_user_id(token)
        profile = self.profiles.get(user_id) if user_id else None
        return profile if profile and is_valid(token, profile) else None
