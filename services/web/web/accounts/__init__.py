"""Accounts: sign-in, plans, billing, API tokens."""
