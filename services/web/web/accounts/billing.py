"""Payment for the Premium plan, behind an interface; today a sandbox that charges nobody."""

from __future__ import annotations

from typing import Protocol


class BillingUnavailable(Exception):
    """No provider is set up, so plans cannot be changed here."""


class Billing(Protocol):
    """Takes payment for a plan."""

    @property
    def is_sandbox(self) -> bool:
        """True where nobody is charged."""

    def charge(self, user_id: str) -> str:
        """Charge for Premium; gives the provider's reference. Raises BillingUnavailable."""


class SandboxBilling:
    """Accepts every payment and charges nobody; refused in production."""

    is_sandbox = True

    def charge(self, user_id: str) -> str:
        return f"sandbox-{user_id}"


class NoBilling:
    """No provider is set up."""

    is_sandbox = False

    def charge(self, user_id: str) -> str:  # noqa: ARG002
        raise BillingUnavailable("This service does not sell Premium; ask its operators.")
