"""Looks up known variants."""
