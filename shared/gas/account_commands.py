"""What operators do with accounts: ``python -m gas account …``.

Plans and suspensions are events, with who did it and why. Names and addresses are only read.
"""

from __future__ import annotations

import getpass
import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gas.domain.account import (
    Account,
    AccountCommand,
    Close,
    Downgrade,
    Reinstate,
    Suspend,
    Upgrade,
)
from gas.events import Event, Plan
from gas.eventstore.log import EventLog
from gas.eventstore.repository import ACCOUNT, AccountRepository
from gas.tables.profiles import ProfileTable

_PAYMENT_REFERENCE = "given by an operator"


class NoSuchUser(LookupError):
    """No user has this id or address; the message says so."""


class SeveralUsers(LookupError):
    """Several users have this address; the message names their ids."""


@dataclass(frozen=True, slots=True)
class AccountAdministration:
    """The commands; ``by`` is the operator's name, which events keep."""

    accounts: AccountRepository
    log: EventLog
    profiles: ProfileTable
    by: str

    def find(self, user: str) -> str:
        """The user id of a user id or an e-mail address. Raises NoSuchUser or SeveralUsers."""
        if "@" in user:
            return self._with_address(user)
        try:
            user_id = str(UUID(user))
        except ValueError:
            raise NoSuchUser(f"{user!r} is neither a user id nor an e-mail address") from None
        if not self.log.read(ACCOUNT.stream(user_id)):
            raise NoSuchUser(f"there is no account {user_id}: the user has to log in once")
        return user_id

    def _with_address(self, email: str) -> str:
        found = self.profiles.with_email(email)
        if not found:
            raise NoSuchUser(f"nobody has logged in with the address {email}")
        if len(found) > 1:
            ids = ", ".join(f"{one.user_id} ({one.issuer})" for one in found)
            raise SeveralUsers(f"{email} is the address of several users, name one by id: {ids}")
        return found[0].user_id

    def show(self, user_id: str) -> dict[str, Any]:
        """What is known of the account, with its history and without any secret."""
        events = self.log.read(ACCOUNT.stream(user_id))
        account, profile = ACCOUNT.fold(events), self.profiles.get(user_id)
        assert account is not None, "find looked it up"
        return {
            "user_id": user_id,
            "email": profile.email if profile else None,
            "name": profile.name if profile else None,
            "institution": profile.institution if profile else None,
            "issuer": profile.issuer if profile else None,
            "api_tokens": len(profile.tokens) if profile else 0,
            "plan": account.plan,
            "plan_since": account.plan_since.isoformat(),
            "closed_at": account.closed_at.isoformat() if account.closed_at else None,
            "erased_at": account.erased_at.isoformat() if account.erased_at else None,
            "suspended_at": account.suspended_at.isoformat() if account.suspended_at else None,
            "history": [_line(event) for event in events],
        }

    def set_plan(self, user_id: str, plan: Plan, reason: str) -> Account:
        """Give the user that plan; no effect if it is theirs. Raises IllegalStep."""
        command: AccountCommand
        if plan is Plan.PREMIUM:
            command = Upgrade(_PAYMENT_REFERENCE, by=self.by, reason=reason)
        else:
            command = Downgrade(reason, by=self.by)
        return self.accounts.execute(user_id, command)

    def suspend(self, user_id: str, reason: str) -> Account:
        """Suspend the account; no effect if it is suspended. Raises IllegalStep."""
        return self.accounts.execute(user_id, Suspend(self.by, reason))

    def close(self, user_id: str, reason: str) -> Account:
        """Close the account for good and delete all of it. Raises IllegalStep."""
        return self.accounts.execute(user_id, Close(self.by, reason))

    def restore(self, user_id: str, reason: str) -> Account:
        """End the suspension; no effect without one."""
        return self.accounts.execute(user_id, Reinstate(self.by, reason))


def state_of(account: Account) -> str:
    """One line about the account, for a terminal."""
    line = f"{account.user_id} is on {account.plan.capitalize()}"
    if account.erased_at:
        return f"{line}, closed, and erased since {account.erased_at:%Y-%m-%d %H:%M} UTC"
    if account.closed_at:
        return f"{line}, closed since {account.closed_at:%Y-%m-%d %H:%M} UTC"
    since = account.suspended_at
    return f"{line}, suspended since {since:%Y-%m-%d %H:%M} UTC" if since else line


def shown(document: dict[str, Any]) -> str:
    """The document of ``show`` as text."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def _line(event: Event) -> dict[str, Any]:
    name = re.sub(r"^gas\.account\.|\.v\d+$", "", event.type)
    body = event.data.model_dump(mode="json", exclude_none=True, exclude={"user_id", "plan"})
    return {"at": event.time.isoformat(), "event": name, **body}


def login_name() -> str:
    """Who runs this command, as far as the system knows."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # the last two before Python 3.13
        return "an operator"  # a container may have no name for its user
