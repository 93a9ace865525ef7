"""No file comes in before its user has accepted the terms, in a browser or with a token."""

from __future__ import annotations

from gas.domain.account import Account
from web.accounts import terms
from web.problems import Problem


def must_be_accepted(account: Account, address: str) -> None:
    """Raise Problem (403) unless they are; ``address`` is the page on which to accept them."""
    if not terms.are_accepted(account):
        raise Problem(
            403,
            "terms-not-accepted",
            "Accept the terms first",
            f"Read the terms of {terms.VERSION} and accept them at {address}, then send this again."
            " What you have uploaded and submitted so far is not affected.",
            accept_at=address,
            terms=terms.VERSION,
        )
