"""Whom users ask: the operators of this installation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operators:
    """``contact`` is an e-mail address, the address of a page, or empty."""

    contact: str = ""

    @property
    def link(self) -> str:
        """What a page links the contact to; empty without one."""
        return f"mailto:{self.contact}" if "@" in self.contact else self.contact

    @property
    def request(self) -> str:
        """A sentence for a user who needs them."""
        who = f": {self.contact}" if self.contact else "."
        return f"Ask the operators of this installation{who}"
