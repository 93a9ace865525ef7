"""Writes the results."""
