"""The terms that users accept before their first upload."""

from __future__ import annotations

from gas.domain.account import Account

VERSION = "2026-11-29"
"""The day of their last change. With a later one users are asked again: change it with the text."""


def are_accepted(account: Account) -> bool:
    """Whether the user accepted the terms of this version."""
    return account.terms == VERSION
