"""Events of an account. No personal data: names and e-mail addresses are in ``gas-profiles``."""

from typing import ClassVar, Literal

from gas.events.bodies import EventBody, Plan


class AccountBody(EventBody):
    """The body of an event of the stream ``account/<user_id>``."""

    @property
    def stream(self) -> str:
        return f"account/{self.user_id}"


class AccountRegistered(AccountBody):
    """A user logged in for the first time."""

    TYPE: ClassVar[str] = "gas.account.registered.v1"

    plan: Literal[Plan.FREE] = Plan.FREE


class AccountUpgraded(AccountBody):
    """The user changed to Premium: everything archived has to be restored.

    ``by`` is the operator who gave it, and ``reason`` why; without them the user asked for it.
    """

    TYPE: ClassVar[str] = "gas.account.upgraded.v1"

    plan: Literal[Plan.PREMIUM] = Plan.PREMIUM
    payment_reference: str
    by: str | None = None
    reason: str | None = None


class AccountDowngraded(AccountBody):
    """The user changed to Free: finished results go to cold storage after a grace period.

    ``by`` is the operator who did it, none where it was the user.
    """

    TYPE: ClassVar[str] = "gas.account.downgraded.v1"

    plan: Literal[Plan.FREE] = Plan.FREE
    reason: str
    by: str | None = None


class AccountSuspended(AccountBody):
    """An operator suspended the account: no login, no token, no new attempt, nothing archived."""

    TYPE: ClassVar[str] = "gas.account.suspended.v1"

    by: str
    reason: str


class AccountReinstated(AccountBody):
    """An operator ended a suspension: jobs start again, and grace periods begin anew."""

    TYPE: ClassVar[str] = "gas.account.reinstated.v1"

    by: str
    reason: str


class AccountClosed(AccountBody):
    """The account is over: no login, no token, and everything that is its user's is deleted.

    ``by`` is who closed it: the user's own id, or an operator.
    """

    TYPE: ClassVar[str] = "gas.account.closed.v1"

    by: str
    reason: str


class AccountErased(AccountBody):
    """Nothing of a closed account is left but its events and the rows that are folded from them.

    ``jobs`` is how many jobs it had. The last event of the stream.
    """

    TYPE: ClassVar[str] = "gas.account.erased.v1"

    jobs: int


class AccountTokenCreated(AccountBody):
    """The user made an API token; ``hint`` is its last 4 characters."""

    TYPE: ClassVar[str] = "gas.account.token_created.v1"

    hint: str


class AccountTermsAccepted(AccountBody):
    """The user accepted the terms of that version, as the page with them showed it."""

    TYPE: ClassVar[str] = "gas.account.terms_accepted.v1"

    terms: str
