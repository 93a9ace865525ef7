"""Asks cold storage for everything back when a user upgrades."""
