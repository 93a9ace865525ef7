"""The end of an account, as its user asks for it. The archiver follows it to its end."""

from __future__ import annotations

from web.accounts.service import AccountService
from web.accounts.sessions import Sessions

PHRASE = "delete my account"
"""What a user types: nobody does that by mistake."""


def is_confirmed(typed: object) -> bool:
    """Whether that is the phrase; capitals and blanks do not matter."""
    return isinstance(typed, str) and " ".join(typed.split()).lower() == PHRASE


def close(accounts: AccountService, sessions: Sessions, user_id: str) -> None:
    """Close the account, and end its sessions and API tokens.

    Nothing opens a closed account, so it does not matter if a crash leaves some of them: the
    archiver removes them too.
    """
    accounts.close(user_id, "asked by the user")
    sessions.end_all(user_id)
    accounts.profiles.remove_tokens(user_id)
