"""Payment for the Premium plan, behind an interface; so far only a sandbox that charges nobody."""

from __future__ import annotations

from typing import Protocol


class BillingUnavailable(Exception):
    """No billing provider is set up; the message says what the user can do."""


class Billing(Protocol):
    """Charges users for Premium."""

    @property
    def is_sandbox(self) -> bool:
        """True if nobody is charged."""

    def charge(self, user_id: str) -> str:
        """Charge the user for Premium; returns the provider's reference of the payment.

        Raises BillingUnavailable.
        """


class SandboxBilling:
    """Accepts every payment and charges nobody; the settings refuse it in production."""

    is_sandbox = True

    def charge(self, user_id: str) -> str:
        return f"sandbox-{user_id}"


class NoBilling:
    """For installations without a billing provider."""

    is_sandbox = False

    def charge(self, user_id: str) -> str:  # noqa: ARG002
        raise BillingUnavailable(
            "This service does not sell Premium. Ask its operators for an upgrade."
        )
