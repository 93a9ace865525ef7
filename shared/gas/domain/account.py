"""An account: the plan of a user. Names and e-mail addresses are in ``gas.tables.profiles``."""

from dataclasses import dataclass, replace
from datetime import datetime

from gas.domain.errors import AccountIsClosed, IllegalStep, NoSuchAggregate, OutOfOrder
from gas.events import (
    AccountClosed,
    AccountDowngraded,
    AccountErased,
    AccountRegistered,
    AccountReinstated,
    AccountSuspended,
    AccountTermsAccepted,
    AccountTokenCreated,
    AccountUpgraded,
    Event,
    EventBody,
    Plan,
)

SYSTEM_USER_ID = "00000000-0000-8000-8000-000000000001"
"""The account of the installation itself, which owns the public sample.

A UUID of version 8, while those of people are of version 5: no login leads to it. It has no
profile, so no API token and no mail either.
"""


@dataclass(frozen=True, slots=True)
class Account:
    """The state of the stream ``account/<user_id>`` after ``version`` events.

    ``plan_since`` is when the plan last changed, ``reinstated_at`` when the last suspension ended:
    a grace period begins then. ``suspended_at`` is set while the account is suspended,
    ``closed_at`` from its end on, ``erased_at`` once nothing of its user is left. ``terms`` is the
    version of the terms that the user accepted last, at ``terms_at``.
    """

    user_id: str
    plan: Plan
    plan_since: datetime
    registered_at: datetime
    version: int
    suspended_at: datetime | None = None
    reinstated_at: datetime | None = None
    closed_at: datetime | None = None
    erased_at: datetime | None = None
    terms: str | None = None
    terms_at: datetime | None = None

    @property
    def is_suspended(self) -> bool:
        """True while nobody may log in, no job may start and nothing may be archived."""
        return self.suspended_at is not None

    @property
    def is_closed(self) -> bool:
        """True from the end of the account on: everything of its user is deleted."""
        return self.closed_at is not None

    @property
    def is_stopped(self) -> bool:
        """True while no job may start and nothing may be archived: suspended, or closed."""
        return self.is_suspended or self.is_closed

    @property
    def is_system(self) -> bool:
        """True for the account of the installation itself: it is never archived or downgraded."""
        return self.user_id == SYSTEM_USER_ID


@dataclass(frozen=True, slots=True)
class Register:
    """Create the account of a user who logged in; no effect if it exists."""

    user_id: str


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Change the plan to Premium; no effect if it is Premium.

    ``by`` and ``reason`` are those of an operator who gives it.
    """

    payment_reference: str
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Downgrade:
    """Change the plan to Free; no effect if it is Free. ``by`` is an operator."""

    reason: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Suspend:
    """Suspend the account; no effect if it is suspended."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reinstate:
    """End the suspension; no effect without one."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close the account for good; no effect if it is closed. ``by`` is its user or an operator."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecordErased:
    """Record that nothing of a closed account is left; no effect if that is recorded."""

    jobs: int


@dataclass(frozen=True, slots=True)
class RecordToken:
    """Record that the user made an API token, which ends with ``hint``."""

    hint: str


@dataclass(frozen=True, slots=True)
class AcceptTerms:
    """Accept the terms of that version; no effect if they were the last ones accepted."""

    terms: str


AccountCommand = (
    Register
    | Upgrade
    | Downgrade
    | Suspend
    | Reinstate
    | Close
    | RecordErased
    | RecordToken
    | AcceptTerms
)


def evolve(account: Account | None, event: Event) -> Account:
    """The account after ``event``. Raises OutOfOrder if the event does not follow."""
    expected = account.version + 1 if account else 1
    if event.streamversion != expected:
        raise OutOfOrder(f"{event.subject}: version {event.streamversion}, expected {expected}")
    match event.data, account:
        case AccountRegistered(user_id=user_id, plan=plan), None:
            return Account(user_id, plan, event.time, event.time, version=1)
        case AccountClosed(), Account():
            return replace(account, closed_at=event.time, version=event.streamversion)
        case AccountTokenCreated(), Account():
            return replace(account, version=event.streamversion)
        case AccountTermsAccepted(terms=terms), Account():
            return replace(account, terms=terms, terms_at=event.time, version=event.streamversion)
        case AccountErased(), Account():
            return replace(account, erased_at=event.time, version=event.streamversion)
        case ((AccountUpgraded(plan=plan) | AccountDowngraded(plan=plan)), Account()):
            return replace(account, plan=plan, plan_since=event.time, version=event.streamversion)
        case AccountSuspended(), Account():
            return replace(account, suspended_at=event.time, version=event.streamversion)
        case AccountReinstated(), Account():
            return replace(
                account,
                suspended_at=None,
                reinstated_at=event.time,
                version=event.streamversion,
            )
    raise OutOfOrder(f"{event.type} cannot be event {expected} of {event.subject}")


def decide(account: Account | None, command: AccountCommand) -> tuple[EventBody, ...]:
    """The events that follow from ``command``; none where its aim is reached already.

    Raises NoSuchAggregate for a change of an account that was never registered, AccountIsClosed for
    one of a closed account, IllegalStep for a downgrade, suspension or end of the system's account.
    """
    if isinstance(command, Register):
        return () if account else (AccountRegistered(user_id=command.user_id),)
    if account is None:
        raise NoSuchAggregate("there is no such account")
    match command:
        case Close() | RecordErased():
            return _end(account, command)
        case _ if account.is_closed:
            raise AccountIsClosed(f"account {account.user_id} is closed")
        case Upgrade() | Downgrade():
            return _change_plan(account, command)
        case RecordToken(hint):
            return (AccountTokenCreated(user_id=account.user_id, hint=hint),)
        case AcceptTerms(terms) if account.terms != terms:
            return (AccountTermsAccepted(user_id=account.user_id, terms=terms),)
        case Suspend() if account.is_system:
            raise IllegalStep("the system's account is not suspended: the sample is its job")
        case Suspend(by, reason) if not account.is_suspended:
            return (AccountSuspended(user_id=account.user_id, by=by, reason=reason),)
        case Reinstate(by, reason) if account.is_suspended:
            return (AccountReinstated(user_id=account.user_id, by=by, reason=reason),)
    return ()


def _change_plan(account: Account, command: Upgrade | Downgrade) -> tuple[EventBody, ...]:
    user_id = account.user_id
    match command:
        case Upgrade(reference, by, reason) if account.plan is Plan.FREE:
            return (
                AccountUpgraded(user_id=user_id, payment_reference=reference, by=by, reason=reason),
            )
        case Downgrade() if account.is_system:
            raise IllegalStep("the system's account stays on Premium")
        case Downgrade(reason, by) if account.plan is Plan.PREMIUM:
            return (AccountDowngraded(user_id=user_id, reason=reason, by=by),)
    return ()


def _end(account: Account, command: Close | RecordErased) -> tuple[EventBody, ...]:
    user_id = account.user_id
    match command:
        case Close() if account.is_system:
            raise IllegalStep("the system's account is not closed: the sample is its job")
        case Close(by, reason) if not account.is_closed:
            return (AccountClosed(user_id=user_id, by=by, reason=reason),)
        case RecordErased() if not account.is_closed:
            raise IllegalStep("an account is erased only after it was closed")
        case RecordErased(jobs) if account.erased_at is None:
            return (AccountErased(user_id=user_id, jobs=jobs),)
    return ()
