"""The facts of an account. No personal data: names and addresses live in ``gas-profiles``."""

from typing import ClassVar, Literal

from gas.events.bodies import EventBody, Plan


class AccountBody(EventBody):
    """A body of the stream ``account/<user_id>``."""

    @property
    def stream(self) -> str:
        return f"account/{self.user_id}"


class AccountRegistered(AccountBody):
    """Somebody logged in for the first time."""

    TYPE: ClassVar[str] = "gas.account.registered.v1"

    plan: Literal[Plan.FREE] = Plan.FREE


class AccountUpgraded(AccountBody):
    """The user now pays: everything archived is to come back."""

    TYPE: ClassVar[str] = "gas.account.upgraded.v1"

    plan: Literal[Plan.PREMIUM] = Plan.PREMIUM
    payment_reference: str


class AccountDowngraded(AccountBody):
    """The user no longer pays: finished results go to cold storage after a grace period."""

    TYPE: ClassVar[str] = "gas.account.downgraded.v1"

    plan: Literal[Plan.FREE] = Plan.FREE
    reason: str
