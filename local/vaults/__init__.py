"""Glacier vaults for development: what is kept, the answers, and the server."""
