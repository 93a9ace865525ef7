"""Accounts of people: sign-in, plans, tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from gas.domain.account import Account, Downgrade, Register, Upgrade
from gas.eventstore.repository import AccountRepository
from gas.tables.accounts import AccountTable
from gas.tables.profiles import Profile, ProfileTable
from web.accounts.billing import Billing
from web.accounts.tokens import is_valid, make_token, user_of

_NAMESPACE = UUID("6c1d3c0e-6f0b-4d5c-9a53-6f2b7f3f5f0a")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the identity provider says somebody is; ``issuer`` and ``subject`` never change."""

    issuer: str
    subject: str
    email: str
    name: str
    institution: str = ""

    @property
    def user_id(self) -> str:
        """Always the same for the same issuer and subject, so no look-up can miss."""
        return str(uuid5(_NAMESPACE, f"{self.issuer}\n{self.subject}"))


@dataclass(frozen=True, slots=True)
class AccountService:
    """Everything about accounts that pages, API and commands share."""

    accounts: AccountRepository
    table: AccountTable
    profiles: ProfileTable
    billing: Billing
    now: Callable[[], datetime]

    def sign_in(self, identity: Identity) -> Account:
        """The account of that person, made if it is new; the profile is brought up to date."""
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
        """Charge and move to Premium; nothing is charged twice. Raises BillingUnavailable."""
        account = self.accounts.load(user_id)
        if account and account.plan == "premium":
            return account
        reference = self.billing.charge(user_id)
        return self.accounts.execute(user_id, Upgrade(reference), known=account)

    def downgrade(self, user_id: str, reason: str) -> Account:
        """Move to Free; the grace period of finished results begins."""
        return self.accounts.execute(user_id, Downgrade(reason))

    def new_token(self, user_id: str) -> str:
        """A new API token; it cannot be shown again."""
        token, kept = make_token(user_id, self.now())
        self.profiles.add_token(user_id, kept)
        return token

    def owner_of(self, token: str) -> Profile | None:
        """Whose token this is, or None where it is not valid."""
        user_id = user_of(token)
        profile = self.profiles.get(user_id) if user_id else None
        return profile if profile and is_valid(token, profile) else None
