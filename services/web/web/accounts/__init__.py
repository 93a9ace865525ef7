"""Accounts: sign-in, sessions, plans, billing, API tokens."""
