"""The restorer: requests everything back from cold storage when a user upgrades."""
