"""Who gives the Premium plan, behind an interface: operators, or in development whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from web.accounts.operators import Operators

BillingKind = Literal["operator", "open"]


class BillingUnavailable(Exception):
    """Users cannot change the plan themselves; the message says what they can do."""


class Billing(Protocol):
    """Charges users for Premium."""

    @property
    def is_open(self) -> bool:
        """True if whoever asks gets it, and nobody is charged."""

    def charge(self, user_id: str) -> str:
        """Charge the user for Premium; returns the provider's reference of the payment.

        Raises BillingUnavailable.
        """


class OpenBilling:
    """Accepts every payment and charges nobody; the settings refuse it in production."""

    is_open = True

    def charge(self, user_id: str) -> str:
        return f"sandbox-{user_id}"


@dataclass(frozen=True, slots=True)
class OperatorBilling:
    """Operators give plans, with ``python -m gas account plan``."""

    operators: Operators

    @property
    def is_open(self) -> bool:
        return False

    def charge(self, user_id: str) -> str:
        raise BillingUnavailable(
            "Plans are given by the operators of this installation."
            f" {self.operators.request} (your user id is {user_id})"
        )


def billing_of(kind: BillingKind, operators: Operators) -> Billing:
    """The billing of that kind."""
    return OpenBilling() if kind == "open" else OperatorBilling(operators)
