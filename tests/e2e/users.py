"""Users of the whole stack."""

from local.client import Client, log_in, make_token
from local.stack import Stack


def user(stack: Stack, name: str) -> Client:
    """A user who has logged in."""
    return Client(stack.url, make_token(stack.url, log_in(stack.url, f"{name}@example.org")))
