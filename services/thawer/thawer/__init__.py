"""Puts back in place what cold storage has made readable again."""
