"""Fetches files from addresses that users give, and from nowhere else than the public internet."""
